import type { Cell, StoredSession } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { webCell } from '../../src/browser/web-cell.ts';
import type { CellSite, Feature } from '../../src/testing/site-law.ts';
import { describeCellLaws } from '../support/cell-laws.ts';
import { pause } from '../support/real-time.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();

let sites = 0;
/** What the cells of the current test have reported as failed. */
const reports: string[] = [];
beforeEach(() => {
  reports.length = 0;
});

function site(): CellSite {
  sites += 1;
  const key = `laws-${String(sites)}-${String(Math.random())}`;
  const open = (): Cell<StoredSession> =>
    webCell({
      key,
      former: { get: () => null, remove: () => undefined },
      codec: undefined,
      report: (operation, message) => reports.push(`${operation} ${message}`),
    });
  return { open, leaseMs: 900, pass: (ms) => pause(ms) };
}

function laws(name: string, features: readonly Feature[]): void {
  describeCellLaws(name, site, features, 30_000);
}

describe('with Web Locks', () => {
  afterEach(() => expect(reports).toEqual([]));

  laws('a record in IndexedDB', ['news', 'lock']);
});

describe('without Web Locks', () => {
  beforeEach(() => {
    vi.spyOn(Navigator.prototype, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const report of reports) expect(report).toBe('lock Web Locks are missing');
  });

  laws('a record in IndexedDB', ['news', 'lease']);
});
