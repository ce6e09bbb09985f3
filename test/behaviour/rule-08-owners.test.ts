import { attachSession, createClient, retryOnUnauthorized, SessionChangedError } from 'sluice';
import { memoryCell, sharedStore, type StoredSession } from 'sluice/session';
import { defer, from } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { describe, expect, it } from 'vitest';
import { appOn, flush, instanceOn, sessionOn } from '../http/fixture.ts';
import { record, type Recording } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { bearerOf, errorsOf, fetchOn, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const setUp = () => {
  const { server } = auth;
  const { api, session, events } = appOn(server, { sessionOptions: { initial: server.login('ada') } });
  const instance = instanceOn(server);
  attachSession(instance, session);
  const requests = () => [
    ...herd<unknown>(3, (path) => api.get(path)),
    ...herd<unknown>(3, (path) => from(instance.get(path))),
    ...herd<unknown>(3, fetchOn(server, session)),
  ];
  return { server, api, session, events, requests };
};
const changed = Array(9).fill(expect.any(SessionChangedError));

describe('Rule 8: A request made for one owner is never sent with another owner’s token', () => {
  it('ends waiting requests when another user signs in', async () => {
    const { server, session, requests, api } = setUp();
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const cause = record(api.get('/api/test-get'));
    await hold.arrived;
    const waiting = requests();
    await flush(server);
    await session.signIn(server.login('bob'));
    expect(await errorsOf(waiting)).toEqual(changed);
    expect(await errorsOf([cause])).toEqual([expect.any(SessionChangedError)]);
    hold.release();
    await flush(server);
    expect(server.sent('/api/echo*')).toEqual([]);
    expect(server.sent('/api/test-get').map(({ user }) => user)).toEqual(['ada']);
  });

  it('ends waiting requests when the same user signs out and in again', async () => {
    const { server, session, requests, api } = setUp();
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    record(api.get('/api/test-get'));
    await hold.arrived;
    const waiting = requests();
    await session.signOut();
    await session.signIn(server.login('ada'));
    expect(await errorsOf(waiting)).toEqual(changed);
    hold.release();
    await flush(server);
    expect(server.sent('/api/echo*')).toEqual([]);
  });

  it('does not resend requests that were in flight when the owner changed', async () => {
    const { server, session, requests } = setUp();
    const hold = server.hold('/api/echo*');
    const inFlight = requests();
    await hold.waiting(9);
    server.expireAccess('ada');
    await session.signIn(server.login('bob'));
    hold.release();
    expect(await errorsOf(inFlight)).toEqual(changed);
    await flush(server);
    expect(server.sent('/api/echo*').map(({ user }) => user)).toEqual(Array(9).fill('ada'));
  });

  it('sends requests of the new owner at once, and lets requests in flight finish', async () => {
    const { server, session, requests } = setUp();
    const hold = server.hold(({ path, user }) => path === '/api/echo' && user === 'ada');
    const inFlight = requests();
    await hold.waiting(9);
    await session.signIn(server.login('bob'));
    const next = requests();
    expect(await kindsOf(next)).toEqual(['complete']);
    hold.release();
    // The server carried out what ada requested.
    expect(await kindsOf(inFlight)).toEqual(['complete']);
  });
});

describe('Rule 8: A 401 to one owner’s request never touches another owner’s session', () => {
  it('starts no refresh for the new owner', async () => {
    const { server, session, requests, events } = setUp();
    const hold = server.hold('/api/echo*');
    const inFlight = requests();
    await hold.waiting(9);
    server.expireAccess('ada');
    await session.signIn(server.login('bob'));
    const { state } = session;
    events.length = 0;
    hold.release();
    await errorsOf(inFlight);
    expect(session.state).toBe(state);
    expect(events).toEqual([]);
    expect(server.refreshes).toEqual([]);
  });

  it('starts no refresh when nobody is signed in any more', async () => {
    const { server, session, requests } = setUp();
    const hold = server.hold('/api/echo*');
    const inFlight = requests();
    await hold.waiting(9);
    server.expireAccess();
    await session.signOut();
    const { state } = session;
    hold.release();
    expect(await errorsOf(inFlight)).toEqual(changed);
    expect(session.state).toBe(state);
    expect(server.refreshes).toEqual([]);
  });

  it('does not end the new owner’s session when the old owner’s refresh is refused', async () => {
    const { server, session, api, events } = setUp();
    server.expireAccess();
    server.nextRefresh('400:invalid_grant');
    const hold = server.hold('/api/refresh-token');
    const ada = record(api.get('/api/echo'));
    await hold.arrived;
    await session.signIn(server.login('bob'));
    hold.release();
    await server.answered('/api/refresh-token');
    expect(await errorsOf([ada])).toEqual([expect.any(SessionChangedError)]);
    await flush(server);
    expect(session.state.status).toBe('signed-in');
    expect(events.filter(({ type }) => type === 'signed-out')).toEqual([]);
    expect(await record(api.get('/api/echo')).outcome).toMatchObject({ kind: 'complete', values: [{ user: 'bob' }] });
  });
});

/** ada's session at two holders of a store. The first one gets change notifications of the other only if `hearsNews` is true. */
async function twoHolders(hearsNews: boolean) {
  const { server } = auth;
  const cell = memoryCell<StoredSession>();
  const there = sessionOn(server, { store: sharedStore(cell) }).session;
  await there.signIn(server.login('ada'));
  const { read, swap } = cell;
  const here = sessionOn(server, { store: sharedStore(hearsNews ? cell : { read, swap }) }).session;
  const instance = instanceOn(server);
  attachSession(instance, here);
  const api = createClient({ baseURL: server.url, session: here });
  const body = { amount: 100 };
  const fetched$ = defer(() => fromFetch(`${server.url}/api/echo?n=2`, { method: 'POST', headers: bearerOf(here) }));
  const posts = (): Recording<unknown>[] => [
    record<unknown>(api.post('/api/echo?n=0', body)),
    record<unknown>(from(instance.post('/api/echo?n=1', body))),
    record<unknown>(fetched$.pipe(retryOnUnauthorized(here))),
  ];
  return { server, here, there, posts };
}
const allChanged = Array(3).fill(expect.objectContaining({ code: 'session-changed' }));

describe.each([
  ['is notified of it', true],
  ['is notified of nothing', false],
])(
  'Rule 8, with a shared store: bob signs in at another holder, and the holder with ada’s requests %s',
  (_how, hearsNews) => {
    it('never sends ada’s POST as bob when its 401 arrives after his sign-in', async () => {
      const { server, here, there, posts } = await twoHolders(hearsNews);
      const hold = server.hold('/api/echo*');
      const inFlight = posts();
      await hold.waiting(3);
      server.expireAccess('ada');
      await there.signIn(server.login('bob'));
      hold.release();
      expect(await errorsOf(inFlight)).toEqual(allChanged);
      await flush(server);
      expect(server.sent('/api/echo*').map(({ user }) => user)).toEqual(Array(3).fill('ada'));
      expect(here.state).toMatchObject({ status: 'signed-in', owner: there.state.owner });
      expect(server.refreshes).toEqual([]);
    });

    it('never sends ada’s POST as bob when it waits for her refresh, and does not store the result over his tokens', async () => {
      const { server, here, there, posts } = await twoHolders(hearsNews);
      server.expireAccess();
      const hold = server.hold('/api/refresh-token');
      const waiting = posts();
      await hold.arrived;
      const bob = server.login('bob');
      await there.signIn(bob);
      hold.release();
      expect(await errorsOf(waiting)).toEqual(allChanged);
      await flush(server);
      expect(server.sent('/api/echo*').map(({ user }) => user)).toEqual(Array(3).fill('ada'));
      for (const { state } of [here, there]) expect(state).toMatchObject({ owner: there.state.owner, tokens: bob });
    });

    it('never sends ada’s POST as bob when it waits behind a refresh of the holder where he signs in', async () => {
      const { server, there, posts } = await twoHolders(hearsNews);
      server.expireAccess();
      const hold = server.hold('/api/refresh-token');
      const refreshing = record(there.refresh$);
      await hold.arrived;
      const waiting = posts();
      await server.answered('/api/echo*', 3);
      await there.signIn(server.login('bob'));
      expect(await errorsOf([...waiting, refreshing])).toEqual([...allChanged, expect.any(SessionChangedError)]);
      hold.release();
      await flush(server);
      expect(server.sent('/api/echo*').map(({ user }) => user)).toEqual(Array(3).fill('ada'));
    });

    it('does not end bob’s session when ada’s refresh is refused', async () => {
      const { server, here, there, posts } = await twoHolders(hearsNews);
      server.expireAccess();
      server.nextRefresh('400:invalid_grant');
      const hold = server.hold('/api/refresh-token');
      const waiting = posts();
      await hold.arrived;
      await there.signIn(server.login('bob'));
      hold.release();
      expect(await errorsOf(waiting)).toEqual(allChanged);
      await flush(server);
      for (const { state } of [here, there])
        expect(state).toMatchObject({ status: 'signed-in', owner: there.state.owner });
      expect(await kindsOf(posts())).toEqual(['complete']);
      expect(
        server
          .sent('/api/echo*')
          .map(({ user }) => user)
          .slice(3),
      ).toEqual(Array(3).fill('bob'));
    });
  },
);
