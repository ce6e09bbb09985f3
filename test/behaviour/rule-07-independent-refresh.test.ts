import { memoryStore, type Session, type SessionOptions, type TokenSet } from 'sluice';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, flush, refreshByFetch, tokensFrom } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { holdTimeLimits } from '../support/time-limits.ts';
import { useAuthServer, type TokenAnswer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, herd, kindsOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 7: A refresh never depends on the requests that wait for it: with no subscriber left it still finishes and is stored, because the server may have rotated the token already', () => {
  it.each(['before', 'after'] as const)(
    'finishes when all requests are unsubscribed %s the server has rotated',
    async (when) => {
      const { server } = auth;
      const store = memoryStore(server.login());
      const { api, session } = appOn(server, { sessionOptions: { store } });
      server.expireAccess();
      const hold = server.hold('/api/refresh-token', { when });
      const recordings = herd(5, (path) => api.get(path));
      await hold.arrived;
      for (const recording of recordings) recording.unsubscribe();
      hold.release();
      await waitFor(() => {
        expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
      });
      expect(store.get()).toEqual({ ...session.state.tokens, owner: session.state.owner });
      expect(server.refreshes.map(({ outcome, request }) => [outcome, request.closedEarly])).toEqual([
        ['issued', false],
      ]);
      // The stored tokens serve the next request.
      expect(await kindsOf([record(api.get('/api/test-get'))])).toEqual(['complete']);
      expect(server.refreshes).toHaveLength(1);
      expectOrderlyRefreshes(server);
    },
  );

  it('finishes when the subscriber of refresh$ unsubscribes', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    const hold = server.hold('/api/refresh-token');
    const asked = record(session.refresh$);
    await hold.arrived;
    asked.unsubscribe();
    hold.release();
    await waitFor(() => {
      expect(session.state.generation).toBe(2);
    });
  });
});

const enders: [string, (session: Session, next: TokenSet) => unknown, Partial<Session['state']>][] = [
  ['sign-out', (session) => session.signOut(), { status: 'signed-out', tokens: null }],
  ['sign-in', (session, next) => session.signIn(next), { status: 'signed-in' }],
  [
    'dispose',
    (session) => {
      session.dispose();
    },
    { status: 'disposed', tokens: null },
  ],
];

describe.each(enders)(
  'Rule 7: Only sign-out, sign-in and dispose end a refresh, and its late result is discarded and revoked: %s',
  (_name, end, state) => {
    const revoking =
      (): NonNullable<SessionOptions['revoke']> =>
      ({ accessToken }) =>
        auth.post('/api/revoke', { token: accessToken });

    it('aborts the request of the refresh on the wire', async () => {
      const { server } = auth;
      const { api, session } = appOn(server, {
        sessionOptions: {
          refresh: async (current, { signal }) => {
            const body = JSON.stringify({ refreshToken: current?.refreshToken });
            const answer = await fetch(`${server.url}/api/refresh-token`, { method: 'POST', body, signal });
            return tokensFrom((await answer.json()) as TokenAnswer);
          },
        },
      });
      server.expireAccess();
      const hold = server.hold('/api/refresh-token');
      const waiting = herd(3, (path) => api.get(path));
      await hold.arrived;
      await end(session, server.login('bob'));
      await server.closed('/api/refresh-token');
      expect(await kindsOf(waiting)).toEqual(['error']);
      expect(session.state).toMatchObject(state);
    });

    it('discards and revokes the result of a refresh that ignores its signal', async () => {
      const { server } = auth;
      const store = memoryStore(server.login());
      const late: TokenSet[] = [];
      const { api, session } = appOn(server, {
        sessionOptions: {
          store,
          revoke: revoking(),
          refresh: async (current) => {
            const tokens = await refreshByFetch(server, current);
            late.push(tokens);
            return tokens;
          },
        },
      });
      server.expireAccess();
      const hold = server.hold('/api/refresh-token', { when: 'after' });
      const waiting = herd(3, (path) => api.get(path));
      await hold.arrived;
      const next = server.login('bob');
      await end(session, next);
      expect(await kindsOf(waiting)).toEqual(['error']);
      const [before, stored] = [session.state, store.get()];
      hold.release();
      await waitFor(() => {
        expect(server.revocations).toContain(late[0]?.accessToken);
      });
      await flush(server);
      expect(session.state).toBe(before);
      expect(store.get()).toEqual(stored);
      expect(stored).not.toMatchObject({ accessToken: late[0]?.accessToken });
      expect(server.sent('/api/echo*').every(({ generation }) => generation === 1)).toBe(true);
    });
  },
);

describe('Rule 7: A refresh that times out', () => {
  it('has its late tokens used, because the server has rotated', async () => {
    const { server } = auth;
    const passTimeLimit = holdTimeLimits();
    const { api, session } = appOn(server, { sessionOptions: { refreshTimeoutMs: 60, minRefreshIntervalMs: 0 } });
    server.expireAccess();
    const hold = server.hold('/api/refresh-token', { when: 'after' });
    const recordings = herd(3, (path) => api.get(path));
    await hold.arrived;
    await server.answered('/api/echo*', 3);
    // A request whose 401 has not arrived yet would start a second refresh after the first one has timed out.
    await flush(server);
    passTimeLimit(60);
    expect(await kindsOf(recordings)).toEqual(['error']);
    hold.release();
    await waitFor(() => {
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    });
    expect(await firstValueFrom(api.get('/api/echo'))).toMatchObject({ generation: 2 });
    expectOrderlyRefreshes(server);
  });
});
