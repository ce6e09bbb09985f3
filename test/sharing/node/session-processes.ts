import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TokenSet } from 'sluice/session';
import type { EngineName, EngineSite } from './engines.ts';

export interface WorkerSetup {
  /** Is sent as `X-Worker` with each refresh. */
  readonly id: string;
  readonly engine: EngineName;
  readonly site: EngineSite;
  readonly api: string;
  readonly leaseMs: number;
  readonly storeTimeoutMs: number;
  /** How long a refresh waits, once it has been told of, before it sends its request. */
  readonly sendAfterMs: number;
}

/** The number of the answer that tells of a refresh. */
export const REFRESH = -1;

export type Order =
  | { readonly kind: 'sign-in'; readonly tokens: TokenSet }
  /** Sends a request by the session; gives the status of the answer, or the name of the error. */
  | { readonly kind: 'request' }
  | { readonly kind: 'status' }
  | { readonly kind: 'owner' }
  | { readonly kind: 'increment'; readonly times: number };

export interface Answer {
  /** The number of the order; 0: the process is ready; `REFRESH`: it has got the turn to refresh. */
  readonly n: number;
  readonly result: unknown;
}

/** A process with a session. */
export interface SessionProcess {
  readonly id: string;
  /** Resolves with the answer, or with `'dead'` if the process ends before. */
  tell(order: Order): Promise<unknown>;
  /** Resolves when the process gets the turn to refresh next, before it sends its request, or when the process ends. */
  nextRefresh(): Promise<void>;
  /** Resolves when the process is no more. */
  end(): Promise<void>;
}

const worker = fileURLToPath(new URL('./session-worker.ts', import.meta.url));

export async function startSessionProcess(setup: WorkerSetup): Promise<SessionProcess> {
  const child = fork(worker, [JSON.stringify(setup)], { execArgv: ['--conditions=sluice-source'] });
  const waiting = new Map<number, (result: unknown) => void>();
  let orders = 0;
  const answerTo = (n: number): Promise<unknown> => new Promise((resolve) => waiting.set(n, resolve));
  child.on('message', (message) => {
    const { n, result } = message as Answer;
    waiting.get(n)?.(result);
    waiting.delete(n);
  });
  child.once('exit', () => {
    for (const resolve of waiting.values()) resolve('dead');
    waiting.clear();
  });
  if ((await answerTo(0)) === 'dead') throw new Error('The process does not start.');
  return {
    id: setup.id,
    tell(order) {
      if (!isAlive(child)) return Promise.resolve('dead');
      orders += 1;
      const answer = answerTo(orders);
      child.send({ n: orders, order });
      return answer;
    },
    async nextRefresh() {
      await answerTo(REFRESH);
    },
    async end() {
      if (!isAlive(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
