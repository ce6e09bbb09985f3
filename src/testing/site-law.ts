import type { Cell, StoredSession } from '../session/index.ts';

/** The place of one record in a storage engine, empty at first, and functions to reach it. Each law is checked on a site of its own. */
export interface CellSite {
  /** Returns a new cell for the record, as another tab or process would have it. */
  open(): Cell<StoredSession>;
  /**
   * The `leaseMs` of the shared stores: how long a holder keeps the right to refresh without a sign of life, in milliseconds. Several reads
   * or writes of the cell must take less than a third of it.
   */
  readonly leaseMs: number;
  /** Waits for this number of milliseconds, in virtual or real time. */
  pass(ms: number): PromiseLike<unknown>;
  /** Makes the storage engine unreachable for all cells, and reachable again. */
  readonly outage?: { begin(): unknown; end(): unknown };
  /** Returns how many timers are pending. Absent if that is unknown. */
  timers?(): number;
  close?(): unknown;
}

export type OpenSite = () => CellSite | Promise<CellSite>;

/**
 * A feature that a site may have, and that a law may need. `lease`: the cell has no `lock`, so that the lease (the right to refresh) is
 * written into the record.
 */
export type Feature = 'news' | 'lock' | 'lease' | 'outage' | 'timers';

/** Returns the features that a site has, by looking at one of its cells. */
export function featuresOf(site: CellSite): Feature[] {
  const { news$, lock } = site.open();
  const offers: Record<Feature, unknown> = {
    news: news$,
    lock,
    lease: !lock,
    outage: site.outage,
    timers: site.timers,
  };
  return (Object.keys(offers) as Feature[]).filter((name) => offers[name]);
}

/** A requirement for every cell, or for every shared store on a cell, that is checked on a site. */
export interface SiteLaw {
  readonly title: string;
  /** What the site must have for the law to be checked. */
  readonly needs?: readonly Feature[];
  /** Rejects if the law is broken. */
  check(site: CellSite): Promise<void>;
}

/** Whether a law can be checked on a site that has the features for which `isOffered` returns true. */
export const isAskable = ({ needs = [] }: SiteLaw, isOffered: (feature: Feature) => boolean): boolean =>
  needs.every(isOffered);

export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new BrokenLaw(otherwise);
}

/** Throws if the two differ as JSON. The order of properties does not count, because an engine may change it. */
export function checkSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value, sorted));
  check(one === other, `${what}: found ${String(one)}, wanted ${String(other)}`);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Returns the outcome of a promise. Rejects if the promise has not settled after ten times `leaseMs`. */
export async function within<R>(site: CellSite, what: string, work: R | PromiseLike<R>): Promise<R> {
  let isSettled = false;
  const outcome = Promise.resolve(work).finally(() => {
    isSettled = true;
  });
  // Add a handler: a rejection after the time limit would be reported as unhandled.
  outcome.catch(() => undefined);
  await eventually(site, what, () => isSettled);
  return outcome;
}

export async function eventually(site: CellSite, what: string, holds: () => boolean): Promise<void> {
  const step = site.leaseMs / 40;
  for (let passed = 0; passed < 10 * site.leaseMs; passed += step) {
    await site.pass(0);
    if (holds()) return;
    await site.pass(step);
  }
  throw new BrokenLaw(`not in time: ${what}`);
}

/** Returns a cell whose `read` and `swap` throw while `isCut` is true, as if its process had been cut off from the engine. */
export function severable(cell: Cell<StoredSession>): { readonly cell: Cell<StoredSession>; isCut: boolean } {
  const its = {
    isCut: false,
    cell: {
      read: () => (refuse(), cell.read()),
      swap: (expected: number, next: StoredSession) => (refuse(), cell.swap(expected, next)),
      ...(cell.news$ && { news$: cell.news$ }),
    },
  };
  const refuse = (): void => {
    if (its.isCut) throw new Error('cut off');
  };
  return its;
}

/** Returns a record in which `owner` is signed in, or nobody if `owner` is `null`. */
export const recordOf = (version: number, owner: string | null, more: Partial<StoredSession> = {}): StoredSession => ({
  schema: 1,
  version,
  owner,
  generation: 1,
  tokens: owner === null ? null : JSON.stringify({ accessToken: `token of ${owner}` }),
  by: 'law.1',
  ...more,
});
