import { type Cell, InvalidInputError, type StoredSession } from '../session/index.ts';
import { assertKnownOptions, assertOption, kindOf, ownOptions, randomId } from '../session/internal.ts';
import { coherenceLaws } from './coherence-laws.ts';
import { sharedStoreLaws } from './shared-store-laws.ts';
import { checkSame, type CellSite, featuresOf, isAskable, type SiteLaw } from './site-law.ts';
import { turnLaws } from './turn-laws.ts';

/** One requirement that every cell (the storage of a shared store) must meet, as a test. */
export interface CellLaw {
  /** The requirement in words, to be used as the title of a test. Different for each law. */
  readonly title: string;
  /** Rejects with an error that says what the cell (the storage of a shared store) did, if it breaks this law. */
  readonly check: () => Promise<void>;
}

/** The options of `cellLaws`: what the cell offers, and what the tests can do. */
export interface CellLawsOptions {
  /**
   * The `leaseMs` of the shared stores that the laws create: how long a holder keeps the right to refresh without a sign of life, in
   * milliseconds above 0. Ten reads or writes of the cell must take less time than that. A law takes at most three times as long if the
   * cell keeps it, and longer if it does not.
   *
   * @defaultValue `500`
   */
  readonly leaseMs?: number;
  /** Whether the cell has `news$`, which emits when the record may have changed. @defaultValue `true` */
  readonly news?: boolean;
  /** Whether the cell has a `lock`, which refreshes then use instead of the lease in the record. @defaultValue `false` */
  readonly lock?: boolean;
  /** Makes the storage engine unreachable for all cells, and reachable again. @defaultValue none: laws about outages are left out */
  readonly outage?: { begin(): unknown; end(): unknown };
  /** Advances the time by `ms` milliseconds, if the tests use fake timers. @defaultValue waits in real time */
  readonly pass?: (ms: number) => PromiseLike<unknown>;
  /** Returns how many timers are pending, as fake timers can tell. @defaultValue none: the law about timers is left out */
  readonly timers?: () => number;
  /** Called with the key of a record when its law has been checked, to delete the record. @defaultValue none */
  readonly close?: (key: string) => unknown;
}

/** All laws. A law that `needs` a feature which the site lacks, such as `news$` or an outage, is not checked. */
export const siteLaws: readonly SiteLaw[] = /* @__PURE__ */ coherenceLaws.concat(turnLaws, sharedStoreLaws);

/**
 * Returns the requirements that a cell must meet so that `sharedStore` works on it, as titles and functions for any test runner. Each law
 * is checked on a record of its own.
 *
 * @example With Vitest, Jest, Mocha and `node:test` alike
 * ```ts
 * const laws = cellLaws((key) => myCell(database, key));
 * for (const { title, check } of laws) it(title, check);
 * ```
 *
 * @param openCell - returns a new cell for the record of `key`, as if in another process. Called several times with the same key, and for
 * each law with another key. A key consists of letters, digits and hyphens, and a new key must have no record
 * @throws InvalidInputError for an `openCell` that is no function, a `leaseMs` that is no number above 0, another option of the
 * wrong kind, or (in development) an unknown option
 */
export function cellLaws(
  openCell: (key: string) => Cell<StoredSession>,
  options: CellLawsOptions = {},
): readonly CellLaw[] {
  assertKnownOptions('cellLaws()', options, ['leaseMs', 'news', 'lock', 'outage', 'pass', 'timers', 'close']);
  const { leaseMs = 500, news = true, lock = false, outage, timers, close } = ownOptions(options);
  const { pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) } = options;
  if (typeof openCell !== 'function')
    throw new InvalidInputError(`cellLaws() takes a function that opens a cell; given: ${kindOf(openCell)}.`);
  if (!(Number.isFinite(leaseMs) && leaseMs > 0))
    throw new InvalidInputError(`cellLaws() takes \`leaseMs\` in milliseconds, above 0; given: ${String(leaseMs)}.`);
  for (const [name, value] of Object.entries({ news, lock }))
    assertOption('cellLaws()', name, value, typeof value === 'boolean', 'true or false');
  for (const [name, value] of Object.entries({ pass, timers, close })) assertOption('cellLaws()', name, value);
  const { begin, end } = Object(outage) as Partial<NonNullable<typeof outage>>;
  const isOutage = typeof begin === 'function' && typeof end === 'function';
  assertOption('cellLaws()', 'outage', outage, isOutage, '{ begin, end }');

  const offers = { news, lock, lease: !lock, outage, timers };
  const onSite = (check: (site: CellSite) => unknown) => async (): Promise<void> => {
    const key = `law-${randomId()}`;
    const site = { open: () => openCell(key), leaseMs, pass, ...(outage && { outage }), ...(timers && { timers }) };
    try {
      await check(site);
    } finally {
      await close?.(key);
    }
  };
  // Check that the options `news` and `lock` are true of the cell: if they say no and the cell has the member, its laws would be left out
  // without notice.
  const asTold: CellLaw = {
    title: 'the cell has the members that the laws are told of',
    check: onSite((site) => {
      const found = featuresOf(site);
      checkSame([found.includes('news'), found.includes('lock')], [news, lock], 'whether there are `news$` and `lock`');
    }),
  };
  const laws = siteLaws
    .filter((law) => isAskable(law, (name) => Boolean(offers[name])))
    .map(({ title, check }) => ({ title, check: onSite((site) => check(site)) }));
  return [asTold, ...laws];
}
