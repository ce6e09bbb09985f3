import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StoredSession, TokenSet } from 'sluice/session';

/** The commands to a process. */
export type Order =
  | { readonly kind: 'increment'; readonly times: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'swap'; readonly expected: number; readonly next: StoredSession }
  | { readonly kind: 'sign-in'; readonly owner: string; readonly tokens: TokenSet }
  | { readonly kind: 'sign-out'; readonly owner: string }
  | { readonly kind: 'restore' }
  /** Waits for its turn, presents its refresh token at `url`, and stores the result. */
  | { readonly kind: 'refresh'; readonly url: string };

export type Report =
  | { readonly event: 'ready' }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** Where a process finds its cell: a function that a module exports, and its arguments. */
export interface CellSource {
  readonly module: URL;
  readonly name: string;
  readonly argument: string;
}

/** A process of its own that has a shared store. */
export interface CellProcess {
  /** Resolves with the answer of the process; rejects if the process fails or exits. */
  tell(order: Order): Promise<unknown>;
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  close(): Promise<void>;
}

const worker = fileURLToPath(new URL('./cell-worker.ts', import.meta.url));

export async function startCellProcess({ module, name, argument }: CellSource, leaseMs: number): Promise<CellProcess> {
  const child = fork(worker, [module.href, name, argument, String(leaseMs)], {
    execArgv: ['--conditions=sluice-source'],
  });
  const reports = new Set<(report: Report | null) => void>();
  child.on('message', (report) => {
    for (const hear of [...reports]) hear(report as Report);
  });
  child.once('exit', () => {
    for (const hear of [...reports]) hear(null);
  });
  const until = <R>(find: (report: Report) => R | undefined): Promise<R> =>
    new Promise((resolve, reject) => {
      const hear = (report: Report | null): void => {
        const found = report && find(report);
        if (report && found === undefined) return;
        reports.delete(hear);
        if (found) resolve(found);
        else reject(new Error('The process has ended.'));
      };
      reports.add(hear);
    });

  let orders = 0;
  await until((report) => ('event' in report ? report : undefined));
  return {
    async tell(order) {
      orders += 1;
      const id = orders;
      const answer = until((report) => ('id' in report && report.id === id ? report : undefined));
      child.send({ id, order });
      const report = await answer;
      if ('error' in report) throw new Error(report.error);
      return 'result' in report ? report.result : undefined;
    },
    kill: (signal) => child.kill(signal),
    close: () => ended(child),
  };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
