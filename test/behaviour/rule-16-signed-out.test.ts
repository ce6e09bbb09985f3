import { attachSession, createClient, type Session } from 'sluice';
import { memoryCell, sharedStore, type Cell, type StoredSession } from 'sluice/session';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { flush, instanceOn, sessionOn } from '../http/fixture.ts';
import { record, type Recording } from '../support/recorder.ts';
import { pause } from '../support/real-time.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorsOf, fetchOn, herd, kindsOf, outcomesOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const deafTo = <R>({ read, swap }: Cell<R>): Cell<R> => ({ read, swap });

/** Sends requests of three kinds: by a client, by an attached instance, by the operator. */
function requestsOf(session: Session): () => Recording<unknown>[] {
  const { server } = auth;
  const api = createClient({ baseURL: server.url, session });
  const instance = instanceOn(server);
  attachSession(instance, session);
  return () => [
    ...herd<unknown>(2, (path) => api.get(path)),
    ...herd<unknown>(2, (path) => from(instance.get(path))),
    ...herd<unknown>(2, fetchOn(server, session)),
  ];
}

/** One sign-in of ada at two holders. The first one gets change notifications of the other only if `hearsNews` is true. */
async function twoHolders(hearsNews = true, cell = memoryCell<StoredSession>()) {
  const { server } = auth;
  const there = sessionOn(server, { store: sharedStore(cell) }).session;
  await there.signIn(server.login('ada'));
  const here = sessionOn(server, { store: sharedStore(hearsNews ? cell : deafTo(cell)) }).session;
  return { server, here, there, stored: () => cell.read() as StoredSession | null, requests: requestsOf(here) };
}

const changed = Array(6).fill(expect.objectContaining({ code: 'session-changed' }));

describe('Rule 16: Signed out means signed out: after signOut() nothing but signIn, or refresh$, starts a session again', () => {
  it('sends later requests without a token, and starts no refresh for them', async () => {
    const { server } = auth;
    const { session, refresh } = sessionOn(server, { canRefresh: () => true });
    await session.signOut();
    const outcomes = await outcomesOf(requestsOf(session)());
    // The operator gets a Response of `fetch`, for which a 401 is no error.
    const statuses = outcomes.map((outcome) => (outcome.kind === 'error' ? outcome.error : outcome.values[0]));
    expect(statuses).toMatchObject([
      ...Array(4).fill({ response: { status: 401 } }),
      ...Array(2).fill({ status: 401 }),
    ]);
    expect(server.sent('/api/echo*').map(({ tokenState }) => tokenState)).toEqual(Array(6).fill('none'));
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'sign-out' });
  });

  it('ends a running refresh, whose late result is not used', async () => {
    const { server } = auth;
    const { session } = sessionOn(server);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const waiting = requestsOf(session)();
    await hold.arrived;
    await session.signOut();
    expect(await errorsOf(waiting)).toEqual(changed);
    hold.release();
    await server.answered('/api/refresh-token');
    await flush(server);
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
  });

  it('starts a session again by signIn(), and by a subscription to refresh$', async () => {
    const { server } = auth;
    const { session } = sessionOn(server, { canRefresh: () => true, refresh: () => [server.login('ada')] });
    const requests = requestsOf(session);
    await session.signOut();
    await session.signIn(server.login('bob'));
    expect(await kindsOf(requests())).toEqual(['complete']);
    await session.signOut();
    expect((await record(session.refresh$).outcome).kind).toBe('complete');
    expect(await kindsOf(requests())).toEqual(['complete']);
  });
});

describe.each([
  ['is notified of it', true],
  ['is notified of nothing', false],
])(
  'Rule 16: No holder’s refresh brings back a session that was signed out at another holder (this one %s)',
  (_how, hearsNews) => {
    it('when the sign-out comes while the server answers the refresh', async () => {
      const { server, here, there, stored, requests } = await twoHolders(hearsNews);
      server.expireAccess();
      const hold = server.hold('/api/refresh-token');
      const waiting = requests();
      await hold.arrived;
      await there.signOut();
      hold.release();
      expect(await errorsOf(waiting)).toEqual(changed);
      await flush(server);
      expect(stored()).toMatchObject({ owner: null, tokens: null });
      for (const { state } of [here, there]) expect(state).toMatchObject({ status: 'signed-out', tokens: null });
      expect(server.refreshes).toHaveLength(1);
    });

    it('when the sign-out comes while the refreshed tokens are written to a slow store', async () => {
      const cell = memoryCell<StoredSession>();
      const slow: typeof cell = {
        ...cell,
        swap: (expected, next) =>
          next.refreshed ? pause(20).then(() => cell.swap(expected, next)) : cell.swap(expected, next),
      };
      const { server, here, there, stored, requests } = await twoHolders(hearsNews, {
        ...cell,
        ...slow,
      });
      server.expireAccess();
      const waiting = requests();
      await server.answered('/api/refresh-token');
      await there.signOut();
      expect(await errorsOf(waiting)).toEqual(changed);
      await flush(server);
      expect(stored()).toMatchObject({ owner: null, tokens: null });
      for (const { state } of [here, there]) expect(state).toMatchObject({ status: 'signed-out', tokens: null });
    });

    it('when the sign-out comes while requests wait behind a refresh of that other holder', async () => {
      const { server, here, there, stored, requests } = await twoHolders(hearsNews);
      server.expireAccess();
      const hold = server.hold('/api/refresh-token');
      const refreshing = record(there.refresh$);
      await hold.arrived;
      const waiting = requests();
      await server.answered('/api/echo*', 6);
      await there.signOut();
      expect(await errorsOf([refreshing, ...waiting])).toEqual([
        ...changed,
        expect.objectContaining({ code: 'session-changed' }),
      ]);
      hold.release();
      await flush(server);
      expect(stored()).toMatchObject({ owner: null, tokens: null });
      expect(here.state).toMatchObject({ status: 'signed-out', tokens: null });
      expect(server.refreshes).toHaveLength(1);
    });
  },
);
