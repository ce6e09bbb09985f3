import { defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import type { Cell, StoredSession } from '../../src/session/index.ts';
import type { SharedStorage, SharedStores, Tokens } from './driver.ts';
import { entryOf, LEASE_MS, tokensIn } from './shared-memory.ts';

type SessionCell = Cell<StoredSession>;

export interface CellKind {
  /** Whether the cells have a lock. @defaultValue `false` */
  readonly hasLock?: boolean;
  /** How long a holder may stand still before others take its place. @defaultValue `LEASE_MS` */
  readonly leaseMs?: number;
}

/**
 * What tabs or processes share, in a real engine. Each holder has a cell of its own, with its own connection. The lock is that of the cell.
 * If the cells have none, a lock is taken by writing a lease into the record, and is never renewed: a work that does not end looks like a
 * holder that has been frozen.
 *
 * @param openCell - one more cell of the same record; a new record for each call of `newKey`
 */
export function sharedCells(
  newKey: () => string,
  openCell: (key: string) => Promise<SessionCell>,
  kind: CellKind = {},
): SharedStores {
  return (initial) => {
    const key = newKey();
    let holders = 0;
    const ready = openCell(key).then((cell) =>
      initial === null
        ? true
        : cell.swap(0, { schema: 1, version: 1, by: 'nobody', generation: 1, ...entryOf(initial, 'owner 1') }),
    );
    return {
      open: () => {
        holders += 1;
        return holderOf(
          `holder ${String(holders)}`,
          ready.then(() => openCell(key)),
          kind,
        );
      },
    };
  };
}

function holderOf(
  id: string,
  opened: Promise<SessionCell>,
  { hasLock = false, leaseMs = LEASE_MS }: CellKind,
): SharedStorage {
  const news$: Observable<unknown> = defer(() => opened).pipe(switchMap((cell) => cell.news$ ?? EMPTY));
  const read = async (): Promise<StoredSession | null> => (await opened).read();
  const swap: SessionCell['swap'] = async (expected, next) => (await opened).swap(expected, next);
  let writes = 0;
  /** Replaces the record by the result of `change`; tries again if another holder was quicker. */
  const replace = async (change: (now: StoredSession | null) => Partial<StoredSession>): Promise<void> => {
    for (;;) {
      const now = await read();
      writes += 1;
      const version = (now?.version ?? 0) + 1;
      const next = { ...change(now), schema: 1, version, by: `${id}.${String(writes)}` } as StoredSession;
      if (await swap(now?.version ?? 0, next)) return;
    }
  };
  let queue: Promise<unknown> = Promise.resolve();
  const ownLock: NonNullable<SessionCell['lock']> = async (work, options) => (await opened).lock!(work, options);
  return {
    changes$: news$.pipe(
      switchMap(read),
      map((record) => tokensIn(record)),
    ),
    get: async () => tokensIn(await read()),
    set: (tokens: Tokens | null) =>
      replace((now) => ({
        generation: (now?.generation ?? 0) + 1,
        ...entryOf(tokens, now?.owner ?? id),
        // A write ends the lease of every other holder, so that their refreshes do not overwrite it.
        ...(now?.lease?.by === id && { lease: now.lease }),
      })),
    lock(work) {
      if (hasLock) return ownLock(work, new AbortController());
      const result = queue.then(async () => {
        await replace((now) => ({
          generation: 0,
          owner: null,
          tokens: null,
          ...now,
          lease: { by: id, forMs: leaseMs },
        }));
        try {
          return await work();
        } finally {
          await replace((now) => {
            const { lease, ...rest } = now ?? { generation: 0, owner: null, tokens: null };
            return lease?.by === id ? rest : { ...now };
          });
        }
      });
      queue = result.catch(() => undefined);
      return result;
    },
    cell: { read, swap, news$, ...(hasLock && { lock: ownLock }) },
    leaseMs,
  };
}
