import type { Client, Contender } from '../contender.ts';
import type { Tokens } from '../world.ts';
import type { State } from './protocol.ts';
import type { Remote } from './remote.ts';

/** One contender and the server in the other process, ready for one measurement. */
export interface HttpStage {
  readonly client: Client;
  readonly tell: Remote['tell'];
  /** When the last refresh was answered, in milliseconds of `performance.now()`. */
  readonly refreshedAt: () => number;
  /** Waits until the server has seen enough, at most `PATIENCE_MS`: some contenders never send the expected requests. */
  until(enough: (state: State) => boolean): Promise<void>;
  /** Waits until no more requests arrive at the server. */
  calm(): Promise<State>;
  stop(): void;
}

export const PATIENCE_MS = 1000;

export async function httpStage(contender: Contender, remote: Remote): Promise<HttpStage> {
  const { port, tokens } = await remote.tell('new');
  const url = `http://127.0.0.1:${port}`;
  let refreshedAt = NaN;
  const refresh = async (refreshToken: string | undefined): Promise<Tokens> => {
    const response = await fetch(`${url}/refresh`, { method: 'POST', body: JSON.stringify({ refreshToken }) });
    const body = (await response.json()) as Tokens;
    refreshedAt = performance.now();
    if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status, data: body });
    return body;
  };
  const client = contender.start({ url, tokens, refresh });
  return {
    client,
    tell: remote.tell,
    refreshedAt: () => refreshedAt,
    until: async (enough) => {
      const patience = performance.now() + PATIENCE_MS;
      while (!enough(await remote.tell('seen')) && performance.now() < patience) await sleep(2);
    },
    calm: async () => {
      let state = await remote.tell('seen');
      for (let same = 0; same < 5; same++) {
        await sleep(5);
        const now = await remote.tell('seen');
        if (came(now) !== came(state)) same = -1;
        state = now;
      }
      return state;
    },
    stop: () => client.stop?.(),
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const came = ({ seen, held }: State): number => seen.requests + seen.refreshes + held;
