import type { Client, Contender } from './contender.ts';
import { memory, type Pace } from './memory.ts';
import { world, type Seen, type Tokens, type World } from './world.ts';

/** One contender and one server in memory, ready for one measurement. */
export interface Stage {
  readonly client: Client;
  readonly world: World;
  /** When the last refresh was answered, in milliseconds of `performance.now()`. */
  readonly refreshedAt: () => number;
  stop(): void;
}

export interface StageOptions {
  readonly pace: Pace;
  /** The server sends its response to a refresh when this promise resolves. @defaultValue one turn of the event loop */
  readonly beforeRefresh?: () => Promise<unknown>;
}

/** Lets everything run that waits for nothing but the event loop. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function stage(contender: Contender, { pace, beforeRefresh = turn }: StageOptions): Stage {
  const own = world();
  let refreshedAt = NaN;
  const refresh = async (refreshToken: string | undefined): Promise<Tokens> => {
    await beforeRefresh();
    const tokens = own.rotate(refreshToken);
    refreshedAt = performance.now();
    if (!tokens) throw Object.assign(new Error('refused'), { status: 400, data: { error: 'invalid_grant' } });
    return tokens;
  };
  const client = contender.start({
    url: 'http://api.test',
    tokens: own.tokens(),
    refresh,
    memory: memory(own, pace),
  });
  return { client, world: own, refreshedAt: () => refreshedAt, stop: () => client.stop?.() };
}

/** How requests ended. */
export interface Ended {
  readonly ok: number;
  readonly failed: number;
  /** Had no outcome when `patienceMs` had passed. */
  readonly unanswered: number;
  /** When the last of them ended, in milliseconds of `performance.now()`; `NaN` where some never did. */
  readonly at: number;
}

/** Sends `n` requests at once and waits until all have ended, or nothing has happened for `patienceMs`. */
export function all(
  n: number,
  send: (done: () => void, failed: (error: unknown) => void, i: number) => void,
  patienceMs = Math.max(700, n / 5),
): Promise<Ended> {
  return new Promise((resolve) => {
    let [ok, failed, at] = [0, 0, NaN];
    let before = -1;
    const end = (): void => {
      clearInterval(patience);
      resolve({ ok, failed, unanswered: n - ok - failed, at });
    };
    const patience = setInterval(() => {
      if (ok + failed === before) end();
      before = ok + failed;
    }, patienceMs);
    const note = (): void => {
      if (ok + failed < n) return;
      at = performance.now();
      end();
    };
    for (let i = 0; i < n; i++) {
      send(
        () => {
          ok += 1;
          note();
        },
        () => {
          failed += 1;
          note();
        },
        i,
      );
    }
  });
}

/**
 * Sends requests that are not measured. V8 drops compiled code when a contender starts anew and its former objects are collected; an app,
 * which has one session for as long as it runs, would not pay for that.
 */
export async function warmUp({ get }: Client): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await all(50, (done, failed, j) => {
      get(`/x/${j}`, done, failed);
    });
  }
}

/** Describes in words what went wrong; an empty list means that nothing did. */
export function faults(
  { refreshes, stale, reused }: Pick<Seen, 'refreshes' | 'stale' | 'reused'>,
  { failed, unanswered }: Pick<Ended, 'failed' | 'unanswered'>,
  expected = 1,
): string[] {
  return [
    ...(refreshes === expected ? [] : [`${refreshes} refreshes`]),
    ...(stale ? [`${stale} stale sends`] : []),
    ...(reused ? [`${reused} refresh tokens reused`] : []),
    ...(failed ? [`${failed} failed`] : []),
    ...(unanswered ? [`${unanswered} never answered`] : []),
  ];
}
