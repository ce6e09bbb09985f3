import { createClient, SessionChangedError, type Session, type TokenSet } from 'sluice';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DatabaseCell } from '../../src/browser/database-cell.ts';
import { formerEntryOf } from '../../src/browser/former-tokens.ts';
import { record } from '../support/recorder.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';
import { restored, tellOfStorage, useWebStore } from './web-store-page.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const use = useServer();
const page = useWebStore();

const get = async (session: Session): Promise<string> => {
  const outcome = await record(createClient({ baseURL: use.server.url, session }).get('/api/echo')).outcome;
  return outcome.kind;
};

/** What a page of the earlier version does when its token has expired: it refreshes for itself and writes the entry anew. */
async function refreshAsFormerPage(tokens: TokenSet): Promise<TokenSet> {
  const answer = await fetch(`${use.server.url}/api/refresh-token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: tokens.refreshToken }),
  });
  const { jwtToken, refreshToken } = (await answer.json()) as { jwtToken: string; refreshToken: string };
  const next = { accessToken: jwtToken, refreshToken };
  page.entry(next);
  return next;
}

it('a write of webStore() that is refused leaves an entry of localStorage that another page has just copied', async () => {
  const [one, two] = [1, 2].map(() => new DatabaseCell(page.key, formerEntryOf(page.key), undefined));
  const written = {
    schema: 1,
    version: 1,
    owner: 'o',
    generation: 1,
    tokens: '{"accessToken":"a"}',
    by: 'one',
  } as const;
  expect(await one?.swap(0, written)).toBe(true);
  page.entry({ accessToken: 'b' });
  await two?.read();

  expect(await one?.swap(1, { ...written, version: 2 })).toBe(false);

  expect(JSON.parse(page.entry() ?? 'null')).toEqual({ accessToken: 'b' });
});

describe('webStore() with an entry of localStorage from an earlier version', () => {
  it('is signed in with it, in all tabs as the same owner, and leaves the entry until the first refresh', async () => {
    const tokens = await use.server.login();
    page.entry(tokens);
    const sessions = [1, 2, 3].map(() => page.load(use.server).session);
    await Promise.all(sessions.map(restored));
    for (const { state } of sessions) expect(state).toMatchObject({ status: 'signed-in', tokens });
    expect(new Set(sessions.map(({ state }) => state.owner)).size).toBe(1);
    expect(JSON.parse(page.entry() ?? 'null')).toEqual(tokens);

    await use.server.expireAccess();
    expect(await Promise.all(sessions.map(get))).toEqual(['complete', 'complete', 'complete']);

    expect(await use.server.refreshes()).toHaveLength(1);
    expect(page.entry()).toBeNull();
    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: sessions[0]?.state.tokens });
  });

  it('keeps the owner that the entry names, and the other fields of the app', async () => {
    page.entry({ accessToken: 'a', refreshToken: 'r', expiresAt: 4e12, user: 'ada', owner: 'o-1' });

    expect(await restored(page.load(use.server).session)).toMatchObject({
      owner: 'o-1',
      tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: 4e12, user: 'ada' },
    });
    expect((await page.record())?.['tokens']).not.toContain('o-1');
  });

  it.each([null, '', 17, { id: 'ada' }])(
    'is signed in if the entry has an owner of the app’s own: %j',
    async (owner) => {
      page.entry({ accessToken: 'a', owner });

      expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: { accessToken: 'a' } });
      expect(await restored(page.load(use.server).session)).toMatchObject({ owner: expect.stringMatching(/^former/u) });
    },
  );

  it('seals the tokens of the entry if it has a codec', async () => {
    const codec = { seal: async (text: string) => btoa(text), open: async (text: string) => atob(text) };
    page.entry({ accessToken: 'secret' });

    expect(await restored(page.load(use.server, { codec }).session)).toMatchObject({
      tokens: { accessToken: 'secret' },
    });
    expect((await page.record())?.['tokens']).toBe(btoa('{"accessToken":"secret"}'));
  });

  it.each([
    [
      'throws',
      (text: string): string => {
        throw new RangeError((JSON.parse(text) as TokenSet).accessToken);
      },
      'failed (RangeError)',
    ],
    ['returns no text', () => '', 'returned an empty string'],
  ])('copies nothing and quotes no token if its codec %s when it seals the entry', async (_what, seal, message) => {
    page.entry({ accessToken: 'secret' });
    const codec = { seal, open: (text: string) => text };
    const { session, events } = page.load(use.server, { codec });

    expect((await restored(session)).status).toBe('unavailable');
    await expect(firstValueFrom(session.validTokens())).rejects.toMatchObject({
      name: 'RefreshFailedError',
      cause: { name: 'StoredSessionError', message: expect.not.stringContaining('secret') },
    });
    expect(events).toMatchObject([{ type: 'store-failed', message: `codec.seal ${message}` }]);
    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: { accessToken: 'secret' } });
  });

  it.each(['{"accessToken": "cut o', '"text"', '[]', '{"refreshToken":"r"}', '{"accessToken":""}'])(
    'is signed out if the entry is %s',
    async (garbage) => {
      localStorage.setItem(page.key, garbage);
      const { session, events } = page.load(use.server);

      expect(await restored(session)).toMatchObject({ status: 'signed-out' });
      expect(events).toEqual([]);
      expect(page.entry()).toBe(garbage);
    },
  );

  it('removes the entry at a sign-in and at a sign-out', async () => {
    for (const act of ['signIn', 'signOut'] as const) {
      page.entry({ accessToken: `before ${act}` });
      const { session } = page.load(use.server);
      await restored(session);
      await (act === 'signIn' ? session.signIn({ accessToken: 'b' }) : session.signOut());

      expect(page.entry()).toBeNull();
    }
    expect(await restored(page.load(use.server).session)).toMatchObject({ status: 'signed-out' });
  });

  it('takes an entry over only once, even if the next page still sees it in localStorage', async () => {
    const tokens = await use.server.login();
    page.entry(tokens);
    const one = page.load(use.server).session;
    await use.server.expireAccess();
    expect(await get(one)).toBe('complete');
    page.entry(tokens);

    const two = page.load(use.server).session;
    expect(await restored(two)).toMatchObject({ tokens: one.state.tokens });
    await use.server.expireAccess();
    expect(await get(two)).toBe('complete');

    expect(await use.server.repeats()).toEqual([]);
  });

  it('does not touch a record of a newer schema', async () => {
    const newer = { schema: 2, version: 7, owner: 'o', by: 'n' };
    await page.load(use.server).session.signIn({ accessToken: 'a' });
    await page.putRecord(newer);
    page.entry({ accessToken: 'b' });

    expect(await restored(page.load(use.server).session)).toMatchObject({ status: 'unavailable' });
    expect(await page.record()).toEqual(newer);
  });

  it('takes tokens from the functions of the option `former`, and calls `remove` when a session has written', async () => {
    const store = new Map([['token', 'a']]);
    const former = {
      get: () => (store.has('token') ? { accessToken: store.get('token')! } : null),
      remove: () => {
        store.clear();
      },
    };
    const { session } = page.load(use.server, { former });
    expect(await restored(session)).toMatchObject({ tokens: { accessToken: 'a' } });

    await session.signOut();
    expect(store.size).toBe(0);
  });

  it('works if the functions of the option `former` throw', async () => {
    let isPresent = true;
    const former = {
      get: () => {
        if (!isPresent) throw new Error('blocked');
        return { accessToken: 'a' };
      },
      remove: () => {
        throw new Error('blocked');
      },
    };
    const { session } = page.load(use.server, { former });
    expect(await restored(session)).toMatchObject({ tokens: { accessToken: 'a' } });
    await session.signOut();
    isPresent = false;
    expect(await restored(page.load(use.server, { former }).session)).toMatchObject({ status: 'signed-out' });
  });
});

describe('webStore() beside a page of the earlier version', () => {
  it('goes on with the tokens that the other page has refreshed, and presents none that it has spent', async () => {
    const tokens = await use.server.login();
    page.entry(tokens);
    const { session } = page.load(use.server);
    await restored(session);
    const newer = await refreshAsFormerPage(tokens);
    await use.server.expireAccess();
    const newest = await refreshAsFormerPage(newer);

    // The first request fails, because nothing shows that the tokens of the other page are not another person's.
    expect(await get(session)).toBe('error');
    expect(session.state.tokens).toEqual(newest);
    expect(await get(session)).toBe('complete');

    expect(await use.server.repeats()).toEqual([]);
  });

  it('adopts tokens that the other page has refreshed at a storage event', async () => {
    const tokens = await use.server.login();
    page.entry(tokens);
    const { session } = page.load(use.server);
    await restored(session);

    const newer = await refreshAsFormerPage(tokens);
    tellOfStorage();

    await waitFor(() => expect(session.state.tokens).toEqual(newer));
  });

  it.each([
    ['removes the entry', () => page.entry(null)],
    ['clears all of localStorage, whose event names no key,', () => localStorage.clear()],
  ])('is signed out when the other page %s before anything was refreshed here', async (_how, signOut) => {
    page.entry({ accessToken: 'a' });
    const { session } = page.load(use.server);
    await restored(session);

    signOut();
    tellOfStorage();

    await waitFor(() => expect(session.state.status).toBe('signed-out'));
  });

  it('stays signed in when localStorage is cleared after a record has replaced the entry', async () => {
    page.entry({ accessToken: 'a' });
    const { session, events } = page.load(use.server);
    await restored(session);
    await session.update({ accessToken: 'b' });

    localStorage.clear();
    tellOfStorage();
    document.dispatchEvent(new Event('visibilitychange'));

    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: { accessToken: 'b' } });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'b' } });
    expect(events.map(({ type }) => type)).not.toContain('signed-out');
  });

  it('is signed out at the next load when the other page has signed out meanwhile', async () => {
    page.entry({ accessToken: 'a' });
    const { session } = page.load(use.server);
    await restored(session);
    session.dispose();
    page.entry(null);

    expect(await restored(page.load(use.server).session)).toMatchObject({ status: 'signed-out' });
  });

  it('adopts a record that another page made from an entry of localStorage, although this page cannot see the entry yet', async () => {
    const one = page.load(use.server).session;
    await restored(one);
    page.entry({ accessToken: 'a' });
    await restored(page.load(use.server).session);
    page.entry(null);
    document.dispatchEvent(new Event('visibilitychange'));

    await waitFor(() => expect(one.state.tokens).toEqual({ accessToken: 'a' }));
  });

  it('does not see an entry that is written during its own refresh; the next page load takes it over', async () => {
    const { session } = page.load(use.server);
    await session.signIn(await use.server.login('ada'));
    await use.server.expireAccess();
    const hold = await use.server.hold('POST /api/refresh-token');
    const request = get(session);
    await hold.waiting(1);
    const grace = await use.server.login('grace');
    page.entry(grace);
    await hold.release();

    expect(await request).toBe('complete');
    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: grace });
  });

  it('stays signed in when its own takeover has removed the entry', async () => {
    page.entry({ accessToken: 'a' });
    const [one, two] = [page.load(use.server).session, page.load(use.server).session];
    await Promise.all([one, two].map(restored));
    await one.update({ accessToken: 'b' });
    expect(page.entry()).toBeNull();
    tellOfStorage();

    await waitFor(() => expect(two.state.tokens).toEqual({ accessToken: 'b' }));
    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: { accessToken: 'b' } });
  });

  it('takes over a person who has signed in at the other page, and sends no waiting request with their token', async () => {
    const { session } = page.load(use.server);
    await session.signIn(await use.server.login('ada'));
    await use.server.expireAccess();
    const grace = await use.server.login('grace');
    page.entry(grace);

    const outcome = await record(createClient({ baseURL: use.server.url, session }).get('/api/echo')).outcome;

    expect(outcome).toMatchObject({ kind: 'error', error: expect.any(SessionChangedError) as unknown });
    expect(session.state.tokens).toEqual(grace);
    expect((await use.server.sent('/api/echo')).map(({ headers }) => headers.authorization)).not.toContain(
      `Bearer ${grace.accessToken}`,
    );
  });

  it('uses an entry that the earlier version wrote during a rollback, and not its own older record', async () => {
    const { session } = page.load(use.server);
    await session.signIn(await use.server.login('ada'));
    session.dispose();
    const grace = await use.server.login('grace');
    page.entry(grace);

    expect(await restored(page.load(use.server).session)).toMatchObject({ tokens: grace });
  });
});
