import type { Page } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StoredSession } from 'sluice/session';
import { describeInBrowsers, rounds } from './browsers.ts';
import { openSite, type Site, type SiteTab } from './site.ts';
import { expectNoToken } from '../../support/no-token.ts';
import { waitFor } from '../../support/wait-for.ts';

const TABS = 5;

describeInBrowsers('webStore() in the tabs of $name', (browser) => {
  let site: Site;
  beforeEach(async () => {
    site = await openSite(browser());
  });
  afterEach(() => site.close());

  const openMany = async (query: Record<string, string> = {}): Promise<SiteTab[]> => {
    const tabs: SiteTab[] = [];
    for (let n = 0; n < TABS; n += 1) tabs.push(await site.open(query));
    return tabs;
  };
  const all = (tabs: readonly SiteTab[], state: Parameters<SiteTab['becomes']>[0]): Promise<unknown> =>
    Promise.all(tabs.map((tab) => tab.becomes(state)));
  const signedIn = async (tabs: readonly SiteTab[], user = 'ada'): Promise<void> => {
    await tabs[0]!.ask('signIn', user);
    await all(tabs, { status: 'signed-in', owner: (await tabs[0]!.ask('state')).owner });
  };
  const ok = (count: number): string[] => Array<string>(count).fill('200');
  const expectNoReuse = (): void => {
    expect(site.server.reuse).toEqual([]);
    expect(site.server.repeats).toEqual([]);
  };
  const outcomes = (): string[] => site.server.refreshes.map(({ outcome }) => outcome);

  async function playRounds(tabs: readonly SiteTab[]): Promise<void> {
    const before = site.server.refreshes.length;
    for (let round = 1; round <= rounds; round += 1) {
      site.server.expireAccess();
      const answers = await Promise.all(tabs.map((tab) => tab.ask('request', 3)));
      expect(answers, `round ${String(round)}`).toEqual(tabs.map(() => ok(3)));
      expect(site.server.refreshes.length - before, `refreshes by round ${String(round)}`).toBe(round);
    }
    expectNoReuse();
  }

  it(`refreshes once in each of ${String(rounds)} rounds in which ${String(TABS)} tabs find their token dead`, async () => {
    const tabs = await openMany();
    await signedIn(tabs);
    await playRounds(tabs);
    for (const tab of tabs) expect((await tab.ask('events')).join()).not.toContain('store-failed');
  });

  it('refreshes once in each round in which the tabs of a cookie session find their token dead', async () => {
    const tabs = await openMany({ cookie: '1' });
    await signedIn(tabs);
    await playRounds(tabs);
  });

  it('refreshes once in each round for cookie sessions whose record has a marker, and no token', async () => {
    const tabs = await openMany({ marker: '1', key: 'marker' });
    await signedIn(tabs);
    await playRounds(tabs);
    const { owner, accessToken } = await tabs[0]!.ask('state');
    const records = (await tabs[0]!.ask('records')) as StoredSession[];
    const record = records.find((its) => its.owner === owner);
    expect(record?.tokens).toBe(JSON.stringify({ accessToken }));
    // The server's tokens are new in each test, so records of other tests have none of them.
    expectNoToken(records, site.server.secrets());
    expect(site.server.sent('/api/test-get').filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('restores a cookie session once for all tabs that start together', async () => {
    const first = await site.open({ cookie: '1', key: 'another' });
    await first.ask('signIn', 'ada');
    const tabs = await openMany({ cookie: '1' });
    await Promise.all(tabs.map((tab) => tab.ask('restore')));
    await all(tabs, { status: 'signed-in' });
    expect(outcomes()).toEqual(['issued']);
  });

  it('refreshes once in each round on plain HTTP, where there are no Web Locks', async () => {
    // Long leases: a tab in the background whose timers are delayed may need more than half of a short one to take it, and would fail.
    const tabs = await openMany({ host: 'app.test', leaseMs: '15000' });
    expect(await tabs[0]!.page.evaluate(() => 'locks' in navigator)).toBe(false);
    await signedIn(tabs);
    await playRounds(tabs);
    for (const tab of tabs) expect(await tab.ask('events')).toContain('store-failed lock Web Locks are missing');
  });

  it('takes over an entry of localStorage whose token has died: one refresh serves all tabs', async () => {
    const first = await site.open({ key: 'another' });
    const entry = JSON.stringify(site.server.login());
    await first.page.evaluate((text) => localStorage.setItem('sharing', text), entry);
    site.server.expireAccess();
    const tabs = await openMany();
    const answers = await Promise.all(tabs.map((tab) => tab.ask('request', 3)));
    expect(answers).toEqual(tabs.map(() => ok(3)));
    expect(outcomes()).toEqual(['issued']);
    expect(await first.page.evaluate(() => localStorage.getItem('sharing'))).toBeNull();
    await playRounds(tabs);
  });

  it('signs all tabs out when one signs out, and signs all in as the person who signs in next', async () => {
    const tabs = await openMany();
    await signedIn(tabs);
    await tabs[1]!.ask('signOut');
    await all(tabs, { status: 'signed-out', accessToken: null });
    await tabs[2]!.ask('signIn', 'grace');
    await all(tabs, await tabs[2]!.ask('state'));
    expect(await Promise.all(tabs.map((tab) => tab.ask('request', 1)))).toEqual(tabs.map(() => ok(1)));
    const users = site.server.sent('/api/test-get').map(({ user }) => user);
    expect(users).toEqual(Array(TABS).fill('grace'));
  });

  it('stays signed out when one tab signs out while another one refreshes', async () => {
    const tabs = await openMany();
    await signedIn(tabs);
    site.server.expireAccess();
    const hold = site.server.hold('POST /api/refresh-token', { when: 'after' });
    const request = tabs[0]!.ask('request', 1);
    await hold.waiting(1);
    await tabs[1]!.ask('signOut');
    hold.release();
    expect(await request).toEqual(['session-changed']);
    await all(tabs, { status: 'signed-out' });
    const late = await site.open();
    await late.becomes({ status: 'signed-out' });
  });

  it('gives no waiting request of one person the token of the next', async () => {
    const tabs = await openMany();
    await signedIn(tabs);
    site.server.expireAccess();
    const hold = site.server.hold('POST /api/refresh-token', { when: 'after' });
    const requests = Promise.all(tabs.map((tab) => tab.ask('request', 2)));
    await hold.waiting(1);
    const other = await site.open();
    await other.ask('signIn', 'grace');
    hold.release();
    expect((await requests).flat()).toEqual(Array(2 * TABS).fill('session-changed'));
    await all(tabs, await other.ask('state'));
    expect(site.server.sent('/api/test-get').filter(({ user }) => user === 'grace')).toEqual([]);
  });

  it('goes on when the tab that was about to refresh is closed', async () => {
    const tabs = await openMany();
    await signedIn(tabs);
    await tabs[0]!.ask('holdRefresh');
    site.server.expireAccess();
    tabs[0]!.ask('request', 1).catch(() => undefined);
    await waitFor(async () => expect(await tabs[0]!.ask('isRefreshHeld')).toBe(true));
    const others = tabs.slice(1);
    const answers = Promise.all(others.map((tab) => tab.ask('request', 2)));
    await site.server.arrived('/api/test-get', 1 + 2 * others.length);
    await tabs[0]!.page.close();
    expect(await answers).toEqual(others.map(() => ok(2)));
    expect(outcomes()).toEqual(['issued']);
  });

  it('looks at the record when it comes back from the back/forward cache', async () => {
    const [one, two] = [await site.open(), await site.open()];
    await signedIn([one, two]);
    const before = await one.ask('state');
    await leave(one.page);
    site.server.expireAccess();
    expect(await two.ask('request', 1)).toEqual(ok(1));
    await goBack(one.page);
    expect(await one.ask('pageshows')).toEqual([false, true]);
    await one.becomes(await two.ask('state'));
    expect((await one.ask('state')).accessToken).not.toBe(before.accessToken);
    expect(await one.ask('request', 1)).toEqual(ok(1));
    expect(outcomes()).toEqual(['issued']);

    await leave(one.page);
    await two.ask('signOut');
    await goBack(one.page);
    await one.becomes({ status: 'signed-out' });
    await leave(one.page);
    await two.ask('signIn', 'grace');
    await goBack(one.page);
    await one.becomes(await two.ask('state'));
    expect(await one.ask('pageshows')).toEqual([false, true, true, true]);
  });

  it('reads the record before it sends a request at the moment of its return from the back/forward cache', async () => {
    const [one, two] = [await site.open(), await site.open()];
    await signedIn([one, two]);
    await one.ask('requestAtPageshow');
    await leave(one.page);
    site.server.expireAccess();
    expect(await two.ask('request', 1)).toEqual(ok(1));
    await goBack(one.page);
    expect(await one.ask('atPageshow')).toEqual(ok(1));
    await leave(one.page);
    await two.ask('signIn', 'grace');
    await goBack(one.page);
    // That request was made for the person who had left: none of the next person's tokens may go with it.
    expect(await one.ask('atPageshow')).toEqual(['200', 'session-changed']);
    expect(await one.ask('pageshows')).toEqual([false, true, true]);
    expect(await one.ask('request', 1)).toEqual(ok(1));
    const sent = site.server.sent('/api/test-get');
    expect(sent.map(({ user }) => user)).toEqual(['ada', 'ada', 'ada', 'grace']);
    // The first one is that of the tab which refreshed.
    expect(sent.map(({ tokenState }) => tokenState)).toEqual([sent[0]!.tokenState, 'valid', 'valid', 'valid']);
    expect(sent[0]!.tokenState).not.toBe('valid');
    expect(outcomes()).toEqual(['issued']);
  });

  it('keeps the session in its own page in a sandboxed frame, which may not use IndexedDB, and reports that once', async () => {
    const tab = await site.openSandboxed();
    await tab.becomes({ status: 'signed-out' });
    await tab.ask('signIn', 'ada');
    site.server.expireAccess();
    expect(await tab.ask('request', 3)).toEqual(ok(3));
    expect(outcomes()).toEqual(['issued']);
    const events = await tab.ask('events');
    expect(events.filter((event) => event.startsWith('store-failed'))).toEqual([
      "store-failed get IndexedDB is blocked (SecurityError): the session is this page's alone",
    ]);
  });
});

/** Leaves the page by a script in it. Puppeteer's `goto` does not return in Firefox for a page that comes from the back/forward cache. */
async function leave(page: Page): Promise<void> {
  await page.evaluate(() => {
    location.href = '/away';
  });
  await titleBecomes(page, 'away');
}

async function goBack(page: Page): Promise<void> {
  await page.evaluate(() => {
    history.back();
  });
  await titleBecomes(page, 'tab');
}

async function titleBecomes(page: Page, title: string): Promise<void> {
  await waitFor(async () => expect(await page.evaluate(() => document.title)).toBe(title));
}
