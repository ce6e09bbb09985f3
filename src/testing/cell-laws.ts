import { type Cell, InvalidInputError, type StoredSession } from '../session/index.ts';
import { assertKnownOptions, assertOption, randomId } from '../session/internal.ts';
import { coherenceLaws } from './coherence-laws.ts';
import { sharedStoreLaws } from './shared-store-laws.ts';
import { checkSame, type CellSite, featuresOf, isAskable, type SiteLaw } from './site-law.ts';
import { turnLaws } from './turn-laws.ts';

/** Something that every cell keeps, as a test of one cell. */
export interface CellLaw {
  /** A sentence, different for each law. */
  readonly title: string;
  /** Rejects with an error that says what the cell did, if the cell breaks this law. */
  readonly check: () => Promise<void>;
}

export interface CellLawsOptions {
  /**
   * The lease of the holders that the laws make, in milliseconds, above 0: ten accesses to the cell must fit into it. A law takes three
   * leases at most where the cell keeps it, and rather more where it breaks it.
   *
   * @defaultValue `500`
   */
  readonly leaseMs?: number;
  /** Whether the cell has `news$`. @defaultValue `true` */
  readonly news?: boolean;
  /** Whether the cell has a `lock`. @defaultValue `false` */
  readonly lock?: boolean;
  /** Cuts the engine off for all holders, and joins it again. @defaultValue none: the laws about outages are left out */
  readonly outage?: { begin(): unknown; end(): unknown };
  /** Lets time pass, where the tests have fake timers. @defaultValue real time */
  readonly pass?: (ms: number) => PromiseLike<unknown>;
  /** How many timers are pending, where that can be told. @defaultValue none: the law about timers is left out */
  readonly timers?: () => number;
  /** Is called with the key of each record that is not needed any more. @defaultValue none */
  readonly close?: (key: string) => unknown;
}

/** The laws that are asked of any cell, before it is known what the cell offers. */
export const siteLaws: readonly SiteLaw[] = [...coherenceLaws, ...turnLaws, ...sharedStoreLaws];

/**
 * All that a cell must keep for `sharedStore` to keep its promises on it, as titles and functions for whatever runs tests. Each law is
 * checked on a record of its own.
 *
 * @example With Vitest, Jest, Mocha and `node:test` alike
 * ```ts
 * const laws = cellLaws((key) => myCell(database, key));
 * for (const { title, check } of laws) it(title, check);
 * ```
 *
 * @param openCell - gives one holder's own way to the record that `key` names, as another process has it. Called several times for a
 * key, and for each law with another key, of letters, digits and hyphens. There is no record under a new key
 * @throws InvalidInputError for an `openCell` that is no function, a `leaseMs` that is no number above 0, another option of the
 * wrong kind, or (in development) an unknown option
 */
export function cellLaws(
  openCell: (key: string) => Cell<StoredSession>,
  options: CellLawsOptions = {},
): readonly CellLaw[] {
  const { leaseMs = 500, news = true, lock = false, outage, timers, close } = options;
  const { pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) } = options;
  if (typeof openCell !== 'function') throw new InvalidInputError('cellLaws() takes a function that opens a cell.');
  if (!(Number.isFinite(leaseMs) && leaseMs > 0))
    throw new InvalidInputError(
      `cellLaws() takes \`leaseMs\` in milliseconds, above 0; it was given ${String(leaseMs)}.`,
    );
  assertKnownOptions('cellLaws()', options, ['leaseMs', 'news', 'lock', 'outage', 'pass', 'timers', 'close']);
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
  // Else a law would be left out unnoticed, because a test forgot an option or the cell forgot a member.
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
