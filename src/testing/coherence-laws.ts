import { NEVER, type Subscription } from 'rxjs';
import type { Cell, StoredSession } from '../session/index.ts';
import { BrokenLaw, type SiteLaw, type CellSite, check, checkSame, eventually, recordOf, within } from './site-law.ts';

type SessionCell = Cell<StoredSession>;

const many = <R>(count: number, make: (index: number) => R): R[] =>
  Array.from({ length: count }, (_, index) => make(index));
/** Calls `next` each time that `news$` of the cell emits. If `news$` fails, the law that waits for it fails by its time limit. */
const newsOf = ({ news$ = NEVER }: SessionCell, next: () => void): Subscription =>
  news$.subscribe({ next, error: () => undefined });
const lock = <R>(site: CellSite, work: () => Promise<R>, signal: AbortSignal): Promise<R> => {
  const cell = site.open();
  return cell.lock?.(work, { signal }) ?? Promise.reject(new BrokenLaw('the cell has no lock'));
};
const read = (site: CellSite, cell: SessionCell): Promise<StoredSession | null> =>
  within(site, 'a read', (async () => cell.read())());
const swap = (site: CellSite, cell: SessionCell, expected: number, next: StoredSession): Promise<boolean> =>
  within(site, 'a swap', (async () => cell.swap(expected, next))());

/**
 * Adds one to the record's generation. Tries again each time another cell was quicker; the number of attempts is limited, because the
 * `swap` of a broken cell may always return false.
 */
export async function increment(cell: SessionCell): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const now = await cell.read();
    const next = recordOf((now?.version ?? 0) + 1, 'counter', { generation: (now?.generation ?? 0) + 1 });
    if (await cell.swap(now?.version ?? 0, next)) return;
  }
  throw new BrokenLaw('a swap failed a thousand times in a row');
}

/** The laws (requirements, as tests) about a cell itself, which is the storage of a shared store. */
export const coherenceLaws: readonly SiteLaw[] = [
  {
    title: 'an empty cell reads as null',
    async check(site) {
      checkSame(await read(site, site.open()), null, 'the empty cell');
    },
  },
  {
    title: 'a swapped record is read by every holder at once, with all that is in it',
    async check(site) {
      const holders = many(3, () => site.open());
      const full = recordOf(1, 'A', {
        tokens: `{"accessToken":"ü€😀\\u0000 ${'x'.repeat(20_000)}"}`,
        refreshed: true,
        failed: { reason: 'timeout', retryAfterMs: 1.5 },
        lease: { by: 'law', forMs: 17 },
      });
      const records = [full, recordOf(2, 'A'), recordOf(3, 'B', { generation: 0 })];
      for (const [index, next] of records.entries()) {
        const writer = holders[index] ?? site.open();
        check(await swap(site, writer, index, next), `swap ${String(index)} was refused`);
        for (const holder of holders)
          checkSame(await read(site, holder), next, `the record after swap ${String(index)}`);
      }
    },
  },
  {
    title: 'a swap that expects another version changes nothing',
    async check(site) {
      const [one, two] = [site.open(), site.open()];
      check(!(await swap(site, one, 1, recordOf(2, 'A'))), 'an empty cell was taken for version 1');
      checkSame(await read(site, two), null, 'the empty cell');
      check(await swap(site, one, 0, recordOf(5, 'A')), 'the first swap was refused');
      for (const expected of [0, 4, 6]) {
        check(!(await swap(site, two, expected, recordOf(7, 'B'))), `version 5 was taken for ${String(expected)}`);
        checkSame(await read(site, one), recordOf(5, 'A'), 'the record');
      }
    },
  },
  {
    title: 'of twenty swaps at the same time one wins, and says so',
    async check(site) {
      const holders = many(20, () => site.open());
      const won = await Promise.all(holders.map((cell, n) => swap(site, cell, 0, recordOf(1, `owner ${String(n)}`))));
      checkSame(won.filter(Boolean).length, 1, 'the number of winners');
      checkSame(await read(site, site.open()), recordOf(1, `owner ${String(won.indexOf(true))}`), 'the record');
    },
  },
  {
    title: 'no increment is lost among eight holders',
    async check(site) {
      const work = many(8, async () => {
        const cell = site.open();
        for (let n = 0; n < 5; n += 1) await increment(cell);
      });
      await within(site, '40 increments', Promise.all(work));
      checkSame((await read(site, site.open()))?.generation, 40, 'the counter');
    },
  },
  {
    title: 'signed out is a record: it stays, and versions go on',
    async check(site) {
      const [one, two] = [site.open(), site.open()];
      const out = recordOf(2, null, { reason: 'sign-out' });
      check(await swap(site, one, 0, recordOf(1, 'A')), 'the sign-in was refused');
      check(await swap(site, one, 1, out), 'the sign-out was refused');
      checkSame(await read(site, two), out, 'the record after the sign-out');
      check(!(await swap(site, two, 0, recordOf(1, 'B'))), 'the record of nobody was taken for none');
      check(await swap(site, two, 2, recordOf(3, 'B')), 'the next version was refused');
    },
  },
  {
    title: 'news come to every other holder, who then reads what they are about',
    needs: ['news'],
    async check(site) {
      const [one, two, three] = [site.open(), site.open(), site.open()];
      const heard = [two, three].map((cell) => {
        const its = { isHeard: false, versions: [] as (number | undefined)[] };
        const listening = newsOf(cell, () => {
          its.isHeard = true;
          void (async () => its.versions.push((await cell.read())?.version))();
        });
        return { its, listening };
      });
      // Wait, because a subscription may take a moment to reach the engine.
      await site.pass(site.leaseMs / 3);
      for (const { its } of heard) its.isHeard = false;
      check(await swap(site, one, 0, recordOf(1, 'A')), 'the swap was refused');
      await eventually(site, 'news for all', () => heard.every(({ its }) => its.isHeard && its.versions.includes(1)));
      for (const { listening } of heard) listening.unsubscribe();
    },
  },
  {
    title: 'never two are in the lock of the cell',
    needs: ['lock'],
    async check(site) {
      const { signal } = new AbortController();
      let inside = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        await Promise.resolve();
        inside -= 1;
      };
      const runs = many(10, () => lock(site, work, signal));
      await within(site, 'ten locks', Promise.all(runs));
      checkSame(most, 1, 'the most at a time');
    },
  },
  {
    title: 'a wait for the lock of the cell can be withdrawn',
    needs: ['lock'],
    async check(site) {
      let release = (): void => undefined;
      const { signal } = new AbortController();
      const held = lock(site, () => new Promise<void>((resolve) => (release = resolve)), signal);
      await site.pass(site.leaseMs / 10);
      const controller = new AbortController();
      let hasRun = false;
      const waiting = lock(site, () => Promise.resolve((hasRun = true)), controller.signal);
      controller.abort();
      const isWithdrawn = await within(
        site,
        'the end of the withdrawn wait',
        waiting.then(
          () => false,
          () => true,
        ),
      );
      check(isWithdrawn && !hasRun, 'the work of a withdrawn wait was run');
      release();
      await within(site, 'the lock', held);
      await within(
        site,
        'the next lock',
        lock(site, () => Promise.resolve(), signal),
      );
    },
  },
  {
    title: 'an engine that cannot be reached throws, and never reads as empty',
    needs: ['outage'],
    async check(site) {
      const cell = site.open();
      check(await swap(site, cell, 0, recordOf(1, 'A')), 'the swap was refused');
      await site.outage?.begin();
      const answers = await Promise.all(
        [() => read(site, cell), () => swap(site, cell, 1, recordOf(2, 'B'))].map((access) =>
          access().then(
            (answer) => `answered ${JSON.stringify(answer)}`,
            () => 'threw',
          ),
        ),
      );
      await site.outage?.end();
      checkSame(answers, ['threw', 'threw'], 'read and swap during the outage');
      checkSame(await read(site, cell), recordOf(1, 'A'), 'the record after the outage');
    },
  },
  {
    title: 'news come again after an outage',
    needs: ['outage', 'news'],
    async check(site) {
      const [one, two] = [site.open(), site.open()];
      let heard = 0;
      const listening = newsOf(two, () => (heard += 1));
      await site.pass(site.leaseMs / 3);
      await site.outage?.begin();
      await site.pass(site.leaseMs / 3);
      heard = 0;
      await site.outage?.end();
      await eventually(site, 'news at the reconnect', () => heard > 0);
      heard = 0;
      check(await swap(site, one, 0, recordOf(1, 'A')), 'the swap was refused');
      await eventually(site, 'news after the reconnect', () => heard > 0);
      listening.unsubscribe();
    },
  },
];
