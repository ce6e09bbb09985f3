import { Subject } from 'rxjs';
import type { StoredSession } from '../../src/session/index.ts';
import type { SharedStorage, SharedStore, Tokens } from './driver.ts';

/** How long a holder may stand still before others take its place, where they can: long for a scenario, short for a person. */
export const LEASE_MS = 500;

/** A record without the fields that `replace` sets. */
type Draft = Omit<StoredSession, 'schema' | 'version' | 'by'>;

/**
 * What tabs or processes share, in one process: one record, which a holder sees as tokens and a lock, or as a cell. Each holder hears
 * of the others' writes a little later. The lock is a queue, and while it is held the record has a lease of its holder that is never
 * renewed: a work that does not end looks like a holder that has been frozen.
 */
export function sharedMemory(initial: Tokens | null): SharedStore {
  const first = { schema: 1, version: 1, by: 'nobody', generation: 1 } as const;
  let record: StoredSession | null = initial && { ...first, ...entryOf(initial, 'owner 1') };
  let queue: Promise<unknown> = Promise.resolve();
  /** What each holder does when another one has written. */
  const holders = new Set<(tokensChanged: boolean) => void>();

  return {
    open(): SharedStorage {
      const id = `holder ${String(holders.size + 1)}`;
      const changes$ = new Subject<Tokens | null>();
      const news$ = new Subject<void>();
      const hear = (tokensChanged: boolean): void => {
        const tokens = tokensIn(record);
        setImmediate(() => {
          news$.next();
          if (tokensChanged) changes$.next(tokens);
        });
      };
      holders.add(hear);
      const put = (next: StoredSession): void => {
        const tokensChanged = next.tokens !== (record?.tokens ?? null);
        record = next;
        for (const other of holders) if (other !== hear) other(tokensChanged);
      };
      const replace = (draft: Draft): void => {
        const version = (record?.version ?? 0) + 1;
        put({ ...draft, schema: 1, version, by: `${id}.${String(version)}` });
      };
      const isLeased = (): boolean => record?.lease?.by === id;

      return {
        changes$: changes$.asObservable(),
        get: () => tokensIn(record),
        set(tokens) {
          const { owner, generation = 0, lease } = record ?? {};
          // As in every shared store, a write ends the lease of another holder, so that its refresh does not overwrite these tokens.
          const ownLease = lease && isLeased() ? { lease } : undefined;
          replace({
            generation: generation + 1,
            ...entryOf(tokens, owner ?? `owner ${String(generation)}`),
            ...ownLease,
          });
        },
        lock(work) {
          const result = queue.then(async () => {
            replace({ ...(record ?? { generation: 0, ...entryOf(null, '') }), lease: { by: id, forMs: LEASE_MS } });
            try {
              return await work();
            } finally {
              if (record && isLeased()) {
                const { lease: _lease, ...rest } = record;
                replace(rest);
              }
            }
          });
          queue = result.catch(() => undefined);
          return result;
        },
        cell: {
          read: () => record,
          swap(expected, next) {
            const isCurrent = (record?.version ?? 0) === expected;
            if (isCurrent) put(next);
            return isCurrent;
          },
          news$: news$.asObservable(),
        },
        leaseMs: LEASE_MS,
      };
    },
  };
}

/** What a record holds of these tokens. */
export function entryOf(tokens: Tokens | null, owner: string): Pick<StoredSession, 'owner' | 'tokens' | 'reason'> {
  return tokens ? { owner, tokens: JSON.stringify(tokens) } : { owner: null, tokens: null, reason: 'sign-out' };
}

export function tokensIn(record: StoredSession | null): Tokens | null {
  return record?.tokens == null ? null : (JSON.parse(record.tokens) as Tokens);
}
