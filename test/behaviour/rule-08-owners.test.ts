import { attachSession, SessionChangedError } from 'sluice';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, flush, instanceOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorsOf, fetchOn, herd, kindsOf } from './fixture.ts';

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

describe('Rule 8: A request made for one owner (epoch) is never sent with another owner’s token', () => {
  it('ends those that wait when another user signs in', async () => {
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

  it('ends those that wait when the same user signs out, or in anew', async () => {
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

  it('does not send those again that were in flight', async () => {
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

  it('serves those of the new owner at once, and lets what was in flight finish', async () => {
    const { server, session, requests } = setUp();
    const hold = server.hold(({ path, user }) => path === '/api/echo' && user === 'ada');
    const inFlight = requests();
    await hold.waiting(9);
    await session.signIn(server.login('bob'));
    const next = requests();
    expect(await kindsOf(next)).toEqual(['complete']);
    hold.release();
    // The server did what it was asked to do by ada.
    expect(await kindsOf(inFlight)).toEqual(['complete']);
  });
});

describe('Rule 8: … and its 401 never touches another owner’s session', () => {
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

  it('starts none when nobody is signed in any more', async () => {
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

  it('does not end the new owner’s session by the refusal of the old owner’s refresh', async () => {
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
