import { defer, of, throwError } from 'rxjs';
import { createClient, retryOnUnauthorized, type Session, type TokenSet } from 'sluice';
import { webStore } from 'sluice/browser';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';
import { restored, useWebStore } from './web-store-page.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const use = useServer();
const page = useWebStore();
afterEach(() => vi.restoreAllMocks());

const get = async (session: Session): Promise<string> => {
  const outcome = await record(createClient({ baseURL: use.server.url, session }).get('/api/echo')).outcome;
  return outcome.kind;
};
const faults = (events: readonly { type: string }[]): unknown[] => events.filter(({ type }) => type === 'store-failed');

describe('webStore()', () => {
  it('keeps a sign-in over a reload, which is restoring for a moment and sends nothing', async () => {
    const tokens = await use.server.login();
    const first = page.load(use.server);
    await first.session.signIn(tokens);

    const second = page.load(use.server);
    expect(second.session.state.status).toBe('restoring');
    expect(await restored(second.session)).toMatchObject({
      status: 'signed-in',
      tokens,
      owner: first.session.state.owner,
    });
    expect([...first.events, ...second.events].map(({ type }) => type)).toEqual(['signed-in', 'restored']);
    expect(await use.server.sent()).toEqual([]);
  });

  it('lets requests wait that are sent while it is being read', async () => {
    await page.load(use.server).session.signIn(await use.server.login());

    expect(await get(page.load(use.server).session)).toBe('complete');

    expect(await use.server.refreshes()).toEqual([]);
  });

  it('refreshes once for five sessions of a page whose token has died', async () => {
    const sessions = [1, 2, 3, 4, 5].map(() => page.load(use.server, {}, { minRefreshIntervalMs: 0 }).session);
    await sessions[0]?.signIn(await use.server.login());
    await waitFor(() => {
      for (const { state } of sessions) expect(state.status).toBe('signed-in');
    });
    for (let round = 1; round <= 3; round += 1) {
      await use.server.expireAccess();
      expect(await Promise.all(sessions.map(get))).toEqual(sessions.map(() => 'complete'));
      expect(await use.server.refreshes()).toHaveLength(round);
    }
    expect(await use.server.repeats()).toEqual([]);
  });

  it('signs all sessions of a page out and in as one', async () => {
    const [one, two] = [page.load(use.server).session, page.load(use.server).session];
    await one.signIn(await use.server.login());
    await waitFor(() => expect(two.state.status).toBe('signed-in'));
    await two.signOut();
    await waitFor(() => expect(one.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' }));
    await two.signIn(await use.server.login('grace'));
    await waitFor(() => expect(one.state).toMatchObject({ status: 'signed-in', owner: two.state.owner }));
  });

  it('keeps sign-ins with other keys apart', async () => {
    const one = page.load(use.server).session;
    const other = page.load(use.server, { key: `${page.key}-other` }).session;
    await one.signIn(await use.server.login());

    expect(await restored(page.load(use.server, { key: `${page.key}-other` }).session)).toMatchObject({
      status: 'signed-out',
    });
    await restored(other);
    expect(other.state.tokens).toBeNull();
  });

  it('stores what its codec has sealed, and opens it again', async () => {
    const codec = {
      seal: async (text: string) => btoa(text),
      open: async (text: string) => atob(text),
    };
    const tokens = await use.server.login();
    await page.load(use.server, { codec }).session.signIn(tokens);

    expect((await page.record())?.['tokens']).toBe(btoa(JSON.stringify(tokens)));
    expect(await restored(page.load(use.server, { codec }).session)).toMatchObject({ tokens });
  });

  it('lets three cookie sessions share each refresh, and stores only the marker that `refresh` returned', async () => {
    let refreshes = 0;
    const cookie = {
      canRefresh: () => true,
      authorize: () => ({}),
      refresh: async () => ({ accessToken: `marker-${String((refreshes += 1))}` }),
    };
    const sessions = [1, 2, 3].map(() => page.load(use.server, {}, { ...cookie, minRefreshIntervalMs: 0 }).session);
    await Promise.all(sessions.map((session) => record(session.refresh$).outcome));
    await waitFor(() => {
      for (const { state } of sessions) expect(state.tokens).toEqual({ accessToken: 'marker-1' });
    });
    expect(refreshes).toBe(1);

    const unauthorized = sessions.map((session) => {
      let sends = 0;
      const answer$ = defer(() =>
        (sends += 1) === 1 ? throwError(() => Object.assign(new Error('401'), { status: 401 })) : of('done'),
      );
      return record(answer$.pipe(retryOnUnauthorized(session))).outcome;
    });
    expect((await Promise.all(unauthorized)).map(({ kind }) => kind)).toEqual(['complete', 'complete', 'complete']);
    expect(refreshes).toBe(2);
    expect((await page.record())?.['tokens']).toBe('{"accessToken":"marker-2"}');
  });

  it.each([
    [{ leaseMs: 0 }, 'leaseMs'],
    [{ codec: {} }, 'a codec with a function `seal`'],
    [{ storage: () => localStorage }, 'webStore() knows no storage'],
  ])('throws at the call for the options %o, and says what is wrong', (options, message) => {
    expect(() => webStore(options as object)).toThrow(message);
  });

  it('warns, in development, about two live sessions of a page with the same key and different options', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const one = page.load(use.server).session;
    page.load(use.server);
    page.load(use.server, { key: `${page.key}-other`, leaseMs: 700 });
    expect(warn).not.toHaveBeenCalled();

    page.load(use.server, {}, { refreshTimeoutMs: 1_234 });
    expect(warn.mock.calls[0]?.[0]).toContain(page.key);
    expect(warn.mock.calls[0]?.[0]).toContain('"refreshTimeoutMs":1234');

    warn.mockClear();
    for (const session of [one]) session.dispose();
    page.load(use.server, { key: `${page.key}-last` }, { refreshTimeoutMs: 1_234 }).session.dispose();
    page.load(use.server, { key: `${page.key}-last` });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('webStore() where IndexedDB fails for a moment', () => {
  const failWith = (name: string) => (): never => {
    throw new DOMException('Connection to Indexed Database server lost.', name);
  };
  const unknownError = failWith('UnknownError');

  it('opens another connection when its own is lost', async () => {
    const { session, events } = page.load(use.server);
    await session.signIn(await use.server.login());
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(unknownError);
    await use.server.expireAccess();

    expect(await get(session)).toBe('complete');

    expect(transaction).toHaveBeenCalled();
    expect(faults(events)).toEqual([]);
    expect((await page.record())?.['tokens']).toBe(JSON.stringify(session.state.tokens));
  });

  it('closes its connection to a database that is being deleted, and signs out', async () => {
    const { session, events } = page.load(use.server);
    await session.signIn(await use.server.login());
    await new Promise<void>((resolve, reject) => {
      const deletion = indexedDB.deleteDatabase('sluice');
      deletion.onsuccess = () => resolve();
      deletion.onblocked = () => reject(new Error('blocked'));
    });
    await use.server.expireAccess();

    expect(await get(session)).toBe('error');

    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' });
    expect(faults(events)).toEqual([]);
    expect(await use.server.refreshes()).toEqual([]);
  });

  it('does not sign in again a person who signed out elsewhere, if the write of the sign-in only seemed to fail', async () => {
    const [{ session }, { session: other }] = [page.load(use.server), page.load(use.server)];
    await Promise.all([session, other].map(restored));
    const { transaction } = IDBDatabase.prototype;
    let isFirst = true;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
      const its = transaction.apply(this, given);
      if (!isFirst || given[1] !== 'readwrite') return its;
      isFirst = false;
      // The browser loses the connection after the transaction was committed, and another page is quicker than the second attempt.
      const signOutElsewhere = async (): Promise<void> => {
        document.dispatchEvent(new Event('visibilitychange'));
        await waitFor(() => expect(other.state.status).toBe('signed-in'));
        await other.signOut();
        its.dispatchEvent(new Event('abort'));
      };
      Object.defineProperty(its, 'oncomplete', {
        set: () => its.addEventListener('complete', () => void signOutElsewhere()),
      });
      return its;
    });

    await session.signIn(await use.server.login());

    await waitFor(() => expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' }));
    expect(await page.record()).toMatchObject({ owner: null });
  });

  it('tries again when IndexedDB never responds to a read', { timeout: 15_000 }, async () => {
    const { session } = page.load(use.server);
    await session.signIn(await use.server.login());
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockReturnValueOnce({
      objectStore: () => ({ get: () => ({}) }),
    } as unknown as IDBTransaction);
    await use.server.expireAccess();

    expect(await get(session)).toBe('complete');
  });

  it.each([
    'UnknownError',
    // At the first access of a page, this one shows that there is no IndexedDB.
    'InvalidStateError',
  ])('neither refreshes nor signs out while it fails with %s, and goes on afterwards', async (name) => {
    const { session, events } = page.load(use.server);
    await session.signIn(await use.server.login());
    const open = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(failWith(name));
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(failWith(name));
    expect(await get(session)).toBe('complete');
    await use.server.expireAccess();

    expect(await get(session)).toBe('error');
    expect(session.state.status).toBe('signed-in');
    expect(await use.server.refreshes()).toEqual([]);
    expect(faults(events)).toMatchObject([{ operation: 'get', message: name }]);

    open.mockRestore();
    transaction.mockRestore();
    const late = page.load(use.server).session;
    expect(await get(late)).toBe('complete');
    expect(await use.server.refreshes()).toHaveLength(1);
  });

  it('is unavailable, and not signed out, if it fails from the start', async () => {
    const tokens: TokenSet = await use.server.login();
    await page.load(use.server).session.signIn(tokens);
    const open = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(unknownError);
    const { session } = page.load(use.server);
    expect(await restored(session)).toMatchObject({ status: 'unavailable' });

    open.mockRestore();
    expect(await get(session)).toBe('complete');
    expect(session.state).toMatchObject({ status: 'signed-in', tokens });
  });
});

describe('webStore() without what it needs', () => {
  const withoutProperty = (name: 'indexedDB' | 'navigator.locks'): void => {
    if (name === 'indexedDB') vi.stubGlobal('indexedDB', undefined);
    else vi.spyOn(Navigator.prototype, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  };
  afterEach(() => vi.unstubAllGlobals());

  it('serves one page only without IndexedDB, is signed out at once, and reports that once', async () => {
    withoutProperty('indexedDB');
    const { session, events } = page.load(use.server);
    expect(session.state.status).toBe('signed-out');
    await session.signIn(await use.server.login());
    await use.server.expireAccess();

    expect(await get(session)).toBe('complete');

    expect(page.load(use.server).session.state.status).toBe('signed-out');
    expect(await use.server.refreshes()).toHaveLength(1);
    expect(faults(events)).toMatchObject([
      { operation: 'get', message: "IndexedDB is missing: the session is this page's alone" },
    ]);
  });

  it.each(['SecurityError', 'InvalidStateError'])(
    'serves one page only where IndexedDB fails with %s from the start, and reports that once',
    async (name) => {
      vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
        throw new DOMException('denied', name);
      });
      vi.spyOn(LockManager.prototype, 'request').mockRejectedValue(new DOMException('denied', 'SecurityError'));
      const { session, events } = page.load(use.server);
      expect(await restored(session)).toMatchObject({ status: 'signed-out' });
      await session.signIn(await use.server.login());
      await use.server.expireAccess();

      expect(await get(session)).toBe('complete');

      expect(await use.server.refreshes()).toHaveLength(1);
      expect(faults(events)).toMatchObject([
        { operation: 'get', message: `IndexedDB is blocked (${name}): the session is this page's alone` },
      ]);
    },
  );

  it('serves one page only where all storage is blocked, whatever error IndexedDB fails with', async () => {
    vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('The user denied permission to access the database.', 'UnknownError');
    });
    const { session } = page.load(use.server);
    expect(await restored(session)).toMatchObject({ status: 'signed-out' });
    vi.restoreAllMocks();
  });

  it.each([
    ['are missing', 'Web Locks are missing', () => withoutProperty('navigator.locks')],
    [
      'are blocked',
      'Web Locks are blocked (SecurityError)',
      () => {
        const denied = async (): Promise<never> => {
          throw new DOMException('denied', 'SecurityError');
        };
        vi.spyOn(LockManager.prototype, 'query').mockImplementation(denied);
        vi.spyOn(LockManager.prototype, 'request').mockImplementation(denied);
      },
    ],
  ])(
    'lets sessions refresh in turn by a lease where Web Locks %s, and reports that once',
    async (_case, message, arrange) => {
      arrange();
      const sessions = [1, 2, 3].map(() => page.load(use.server));
      await sessions[0]?.session.signIn(await use.server.login());
      await waitFor(() => {
        for (const { session } of sessions) expect(session.state.status).toBe('signed-in');
      });
      await use.server.expireAccess();

      expect(await Promise.all(sessions.map(({ session }) => get(session)))).toEqual(sessions.map(() => 'complete'));

      expect(await use.server.refreshes()).toHaveLength(1);
      for (const { events } of sessions) expect(faults(events)).toMatchObject([{ operation: 'lock', message }]);
    },
  );
});
