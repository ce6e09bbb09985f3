import type { TokenSet, TokenStore } from 'sluice';
import { describe, expect, it } from 'vitest';
import { appOn, flush } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, fetchOn, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 10: New tokens are stored before waiting requests go', () => {
  it('holds all waiting requests until the store has the new tokens', async () => {
    const { server } = auth;
    let held: TokenSet | null = server.login();
    let open = (): void => {};
    let asked = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const writing = new Promise<void>((resolve) => (asked = resolve));
    const store: TokenStore = {
      get: () => held,
      set: async (tokens) => {
        asked();
        await opened;
        held = tokens;
      },
    };
    const { api, session } = appOn(server, { sessionOptions: { store } });
    server.expireAccess();
    const atServer = server.hold('/api/echo*');
    const recordings = [...herd<unknown>(3, (path) => api.get(path)), ...herd<unknown>(3, fetchOn(server, session))];
    await atServer.waiting(6);
    atServer.release();
    await writing;
    const later = record(api.get('/api/test-get'));
    await flush(server);
    expect(server.sent('/api/echo*')).toHaveLength(6);
    expect(server.sent('/api/test-get')).toEqual([]);
    expect(session.state).toMatchObject({ status: 'refreshing', generation: 1 });
    open();
    expect(await kindsOf([...recordings, later])).toEqual(['complete']);
    expect(held).toEqual({ ...session.state.tokens, owner: session.state.owner });
    expect(server.staleSends()).toEqual([]);
  });

  it('has the new tokens in a synchronous store when the first resend arrives', async () => {
    const { server } = auth;
    let held: TokenSet | null = server.login();
    const { api } = appOn(server, {
      sessionOptions: { store: { get: () => held, set: (tokens) => void (held = tokens) } },
    });
    const stored: boolean[] = [];
    server.route('/api/echo', ({ token }) => {
      stored.push(held?.accessToken === token);
      return { body: null };
    });
    server.expireAccess();
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(stored).toEqual(Array(5).fill(true));
  });
});

describe('Rule 10: A store that fails to write is reported in `events$`; the session goes on in memory', () => {
  const failing: [string, TokenStore['set']][] = [
    [
      'throws',
      () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    ],
    ['rejects', () => Promise.reject(new DOMException('full', 'QuotaExceededError'))],
  ];

  it.each(failing)('when it %s', async (_name, set) => {
    const { server } = auth;
    const initial = server.login();
    const { api, session, events } = appOn(server, {
      sessionOptions: { store: { get: () => initial, set }, minRefreshIntervalMs: 0 },
    });
    for (const generation of [2, 3]) {
      server.expireAccess();
      expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
      expect(session.state).toMatchObject({ status: 'signed-in', generation });
    }
    const reports = events.filter(({ type }) => type === 'store-failed');
    expect(reports).toEqual(Array(2).fill({ type: 'store-failed', operation: 'set', message: 'QuotaExceededError' }));
    expect(server.refreshes).toHaveLength(2);
    // The store still contains the old tokens. If they were taken for those of another holder, their refresh token would be presented a
    // second time.
    expectOrderlyRefreshes(server);
  });
});
