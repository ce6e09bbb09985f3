import { createClient, createSession, type Session, type SessionEvent, type TokenSet } from 'sluice';
import { localStorageStore } from 'sluice/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
const key = 'sluice-test';
beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

const stored = (): unknown => JSON.parse(localStorage.getItem(key) ?? 'null');

/** A session of this page, as it is made at each load. */
function load(storage?: () => Storage): { session: Session; events: SessionEvent[] } {
  const store = localStorageStore({ key, ...(storage && { storage }) });
  const { url } = use.server;
  const session = createSession({ store, refresh: (current, { signal }) => refreshByFetch({ url }, current, signal) });
  const events: SessionEvent[] = [];
  session.events$.subscribe((event) => events.push(event));
  return { session, events };
}

describe('localStorageStore() on localStorage', () => {
  it('keeps the tokens of a sign-in as JSON, and removes them at sign-out', async () => {
    const tokens = await use.server.login();
    const { session } = load();

    await session.signIn(tokens);
    expect(stored()).toEqual({ ...tokens, owner: session.state.owner });
    await session.signOut();

    expect(Object.keys(localStorage)).toEqual([]);
  });

  it('uses the key `sluice` by default', async () => {
    await localStorageStore().set({ accessToken: 'a' });

    expect(localStorage.getItem('sluice')).toBe('{"accessToken":"a"}');
    expect(await localStorageStore().get()).toEqual({ accessToken: 'a' });
    await localStorageStore().set(null);
    expect(await localStorageStore().get()).toBeNull();
  });

  it('is ready at once: a reload is signed in without a request', async () => {
    const tokens = await use.server.login();
    await load().session.signIn(tokens);

    const { session, events } = load();

    expect(session.state).toMatchObject({ status: 'signed-in', tokens });
    expect(events).toMatchObject([{ type: 'restored' }]);
    expect(await use.server.sent()).toEqual([]);
  });

  it('has the refreshed tokens before waiting requests are sent, and after a reload', async () => {
    const { server } = use;
    await load().session.signIn(await server.login());
    await server.expireAccess();
    const { session } = load();
    let storedAtResend: unknown;
    session.events$.subscribe(({ type }) => {
      if (type === 'request-resent') storedAtResend = stored();
    });

    const api = createClient({ baseURL: server.url, session });
    expect((await record(api.get('/api/echo')).outcome).kind).toBe('complete');

    expect(storedAtResend).toEqual({ ...session.state.tokens, owner: session.state.owner });
    const reloaded = load().session;
    expect(reloaded.state.tokens).toEqual(session.state.tokens);
    await record(createClient({ baseURL: server.url, session: reloaded }).get('/api/echo')).outcome;
    expect(await server.refreshes()).toHaveLength(1);
  });

  it('is emptied by a refresh that is refused', async () => {
    const { server } = use;
    const { session } = load();
    await session.signIn(await server.login());
    await server.expireAccess();
    await server.revokeFamily();

    await record(createClient({ baseURL: server.url, session }).get('/api/echo')).outcome;

    expect(Object.keys(localStorage)).toEqual([]);
    expect(load().session.state.status).toBe('signed-out');
  });

  it('tokens that another tab has written are used, not refreshed', async () => {
    const { server } = use;
    const tokens = await server.login();
    const here = load().session;
    await here.signIn(tokens);
    const there = load().session;
    await server.expireAccess();
    const get = async (session: Session) =>
      record(createClient({ baseURL: server.url, session }).get('/api/echo')).outcome;

    expect((await get(there)).kind).toBe('complete');
    expect((await get(here)).kind).toBe('complete');

    expect(await server.refreshes()).toHaveLength(1);
    expect(await server.repeats()).toEqual([]);
    expect(here.state).toMatchObject({ tokens: there.state.tokens, owner: there.state.owner });
  });

  it.each([
    ['not JSON', '{"accessToken": "cut o'],
    ['a string', '"token"'],
    ['a number', '7'],
    ['an array', '[]'],
    ['an object without a token', '{"refreshToken":"r"}'],
    ['a token that is none', '{"accessToken":null}'],
  ])('is signed out, and reports it, when the entry contains %s', async (_kind, garbage) => {
    localStorage.setItem(key, garbage);

    const { session, events } = load();

    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
    expect(events).toMatchObject([{ type: 'store-failed', operation: 'get' }]);
    expect(JSON.stringify(events)).not.toContain('cut o');
    await session.signIn({ accessToken: 'a' });
    expect(stored()).toEqual({ accessToken: 'a', owner: session.state.owner });
  });
});

describe('localStorageStore() on sessionStorage, of which a duplicated tab has a copy', () => {
  beforeEach(() => sessionStorage.clear());
  afterEach(() => {
    sessionStorage.clear();
    vi.restoreAllMocks();
  });

  it('warns once, in development, when a refresh has replaced the refresh token', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { session } = load(() => sessionStorage);
    await session.signIn(await use.server.login());
    await session.signIn(await use.server.login('grace'));
    expect(warn).not.toHaveBeenCalled();
    for (const generation of [3, 4]) {
      await record(session.refresh$).outcome;
      expect(session.state.generation).toBe(generation);
    }

    expect(warn.mock.calls).toEqual([[expect.stringContaining(`localStorageStore '${key}'`)]]);
    expect(String(warn.mock.calls)).toContain('sessionStorage');
    expect(String(warn.mock.calls)).not.toContain(session.state.tokens?.refreshToken);
    expect(JSON.parse(sessionStorage.getItem(key) ?? 'null')).toMatchObject(session.state.tokens ?? {});
  });

  it.each([
    ['a refresh keeps the refresh token', () => sessionStorage, { accessToken: 'b' }],
    ['the refresh token is a cookie', () => sessionStorage, { accessToken: 'b', refreshToken: undefined }],
    ['the storage is localStorage', () => localStorage, { accessToken: 'b', refreshToken: 'next' }],
  ])('does not warn if %s', async (_case, storage, refreshed) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const store = localStorageStore({ key, storage });
    await store.set({ accessToken: 'a', refreshToken: 'first', owner: 'ada' });
    await store.set({ refreshToken: 'first', owner: 'ada', ...refreshed });
    await store.set(null);

    expect(warn).not.toHaveBeenCalled();
  });

  it('does not warn when a sign-in replaces an entry that is not JSON', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    sessionStorage.setItem(key, '{"refreshToken":"cut o');
    const store = localStorageStore({ key, storage: () => sessionStorage });
    await store.set({ accessToken: 'a', refreshToken: 'r' });

    expect(warn).not.toHaveBeenCalled();
    expect(await store.get()).toEqual({ accessToken: 'a', refreshToken: 'r' });
  });
});

describe('localStorageStore() on storage that fails', () => {
  it('a full storage is reported, and the session goes on in memory', async () => {
    const { server } = use;
    const tokens: TokenSet = await server.login();
    const { session, events } = load();
    const quota = new DOMException('full', 'QuotaExceededError');
    const setItem = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw quota;
    });
    try {
      await session.signIn(tokens);
      await server.expireAccess();
      const api = createClient({ baseURL: server.url, session });
      expect((await record(api.get('/api/echo')).outcome).kind).toBe('complete');
    } finally {
      setItem.mockRestore();
    }

    expect(events.filter(({ type }) => type === 'store-failed')).toMatchObject([
      { type: 'store-failed', operation: 'set', message: 'QuotaExceededError' },
      { type: 'store-failed', operation: 'set', message: 'QuotaExceededError' },
    ]);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    expect(await server.refreshes()).toHaveLength(1);
  });

  it('a write over the real quota of the browser is reported, and the session goes on in memory', async () => {
    localStorage.setItem('ballast', 'x'.repeat(5 * 1024 * 1024 - 'ballast'.length));
    const { session, events } = load();

    await session.signIn({ accessToken: 'a'.repeat(100) });

    expect(events).toContainEqual(
      expect.objectContaining({ type: 'store-failed', operation: 'set', message: 'QuotaExceededError' }),
    );
    expect(session.state.status).toBe('signed-in');
  });

  it('in a frame that may not use storage, the session is signed out at first and can sign in in memory, which is reported', async () => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = `<script>try { localStorage } catch ({ name }) { parent.postMessage({ storage: name }, '*') }</script>`;
    const refused = new Promise<string>((resolve) => {
      const onMessage = ({ data }: MessageEvent<{ storage?: string }>): void => {
        if (data.storage === undefined) return;
        removeEventListener('message', onMessage);
        resolve(data.storage);
      };
      addEventListener('message', onMessage);
    });
    document.body.append(frame);
    const name = await refused;
    frame.remove();
    // This session's storage throws the error that such a frame gets.
    const { session, events } = load(() => {
      throw new DOMException('denied', name);
    });

    expect(session.state.status).toBe('signed-out');
    await session.signIn({ accessToken: 'a' });

    expect(session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'a' } });
    expect(events.filter(({ type }) => type === 'store-failed')).toMatchObject([
      { type: 'store-failed', operation: 'set', message: 'SecurityError' },
    ]);
  });
});
