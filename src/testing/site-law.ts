import type { Cell, StoredSession } from '../session/index.ts';

/** A new, empty record in some engine, and accesses to it. */
export interface CellSite {
  /** One holder's own access to the record, as another tab or process has it. */
  open(): Cell<StoredSession>;
  /** The length of a lease: several accesses to the cell must fit into a third of it. */
  readonly leaseMs: number;
  /** Lets time pass, virtual or real. */
  pass(ms: number): PromiseLike<unknown>;
  /** Cuts the engine off for all holders, and reconnects it. */
  readonly outage?: { begin(): unknown; end(): unknown };
  /** How many timers are pending, if that can be told. */
  timers?(): number;
  close?(): unknown;
}

export type OpenSite = () => CellSite | Promise<CellSite>;

/** What a site may offer. `lease`: there is no lock, so that the record contains the lease. */
export type Feature = 'news' | 'lock' | 'lease' | 'outage' | 'timers';

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

/** A property of every coherent cell, or of every shared store on one, as a function of a place where there is a cell. */
export interface SiteLaw {
  readonly title: string;
  /** What a site must offer for the law to be checked. */
  readonly needs?: readonly Feature[];
  /** Rejects if the law is broken. */
  check(site: CellSite): Promise<void>;
}

/** Whether a law can be asked where there is what `isOffered` says. */
export const isAskable = ({ needs = [] }: SiteLaw, isOffered: (feature: Feature) => boolean): boolean =>
  needs.every(isOffered);

export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new BrokenLaw(otherwise);
}

/** Compares by JSON, because engines store JSON. */
export function checkSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value, sorted));
  check(one === other, `${what}: found ${String(one)}, wanted ${String(other)}`);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Lets time pass until the promise has settled, up to a limit. */
export async function within<R>(site: CellSite, what: string, work: R | PromiseLike<R>): Promise<R> {
  let isSettled = false;
  const outcome = Promise.resolve(work).finally(() => {
    isSettled = true;
  });
  // When it is no longer awaited, its rejection must not be unhandled.
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

/** A holder's cell that can be cut off from the engine, as if its process had been suspended; its own timers go on. */
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

/** A record in which `owner` is signed in. */
export const recordOf = (version: number, owner: string | null, more: Partial<StoredSession> = {}): StoredSession => ({
  schema: 1,
  version,
  owner,
  generation: 1,
  tokens: owner === null ? null : JSON.stringify({ accessToken: `token of ${owner}` }),
  by: 'law.1',
  ...more,
});
