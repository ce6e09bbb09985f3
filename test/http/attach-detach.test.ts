import { attachSession, createClient } from 'sluice';
import type { InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { errorOf, flush, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('detaching a session from an instance', () => {
  it('leaves plain axios: no token, no refresh', async () => {
    const { instance, refresh, detach } = attachedOn(auth.server);
    detach();
    expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ status: 401 });
    expect(seen(auth.server)).toEqual(['/api/echo']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('leaves the interceptors and defaults of the app as they were', async () => {
    const { instance, detach } = attachedOn(auth.server);
    const interceptor = vi.fn((config: InternalAxiosRequestConfig) => config);
    instance.interceptors.request.use(interceptor);
    const before = JSON.stringify(instance.defaults);
    await instance.get('/api/echo');
    detach();
    await instance.get('/public/echo');
    expect(interceptor).toHaveBeenCalledTimes(2);
    expect(JSON.stringify(instance.defaults)).toBe(before);
  });

  it('during a refresh lets waiting requests finish, and holds no new ones', async () => {
    const { instance, detach } = attachedOn(auth.server);
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const waiting = instance.get<Echo>('/api/echo');
    await refresh.arrived;
    detach();
    expect((await instance.get<Echo>('/public/echo')).data.generation).toBeUndefined();
    expect(await errorOf(instance.get('/api/test-get'))).toMatchObject({ status: 401 });
    refresh.release();
    expect((await waiting).data.generation).toBe(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('lets a request in flight refresh and be sent again after its 401', async () => {
    const { instance, detach } = attachedOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo');
    const waiting = instance.get<Echo>('/api/echo');
    await hold.arrived;
    detach();
    hold.release();
    expect((await waiting).data.generation).toBe(2);
  });

  it('leaves the session and other instances alone', async () => {
    const one = attachedOn(auth.server);
    const other = attachedOn(auth.server);
    attachSession(other.instance, one.session);
    one.detach();
    expect(one.session.state.status).toBe('signed-in');
    expect((await other.instance.get<Echo>('/api/echo')).data.user).toBe('ada');
  });

  it('twice has no further effect', async () => {
    const { instance, session, detach } = attachedOn(auth.server);
    detach();
    const again = attachSession(instance, session);
    detach();
    expect((await instance.get<Echo>('/api/echo')).data.generation).toBe(1);
    again();
    expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ status: 401 });
  });

  it('lets another session be attached, whose token the next requests carry', async () => {
    const { instance, detach } = attachedOn(auth.server);
    detach();
    attachSession(instance, sessionOn(auth.server, { initial: auth.server.login('bob') }).session);
    expect((await instance.get<Echo>('/api/echo')).data.user).toBe('bob');
  });
});

describe('attaching two sessions to an instance', () => {
  it('changes nothing when both are the same: one refresh, two sends', async () => {
    const { instance, session, refresh, detach } = attachedOn(auth.server);
    const detachAgain = attachSession(instance, session);
    auth.server.expireAccess();
    expect((await instance.get<Echo>('/api/echo')).data.generation).toBe(2);
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
    expect(refresh).toHaveBeenCalledOnce();
    detach();
    expect((await instance.get<Echo>('/api/echo')).data.generation).toBe(2);
    detachAgain();
    expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ status: 401 });
  });

  it('makes the later one serve until it is detached', async () => {
    const { instance } = attachedOn(auth.server, { sessionOptions: { initial: auth.server.login('ada') } });
    const bob = sessionOn(auth.server, { initial: auth.server.login('bob') });
    const detachBob = attachSession(instance, bob.session);
    expect((await instance.get<Echo>('/api/echo')).data.user).toBe('bob');
    detachBob();
    expect((await instance.get<Echo>('/api/echo')).data.user).toBe('ada');
  });
});

describe('a client of an attached instance', () => {
  it('refreshes once and sends twice for a 401 when the client has the session of the instance', async () => {
    const { instance, session, refresh } = attachedOn(auth.server);
    const api = createClient({ axios: instance, session });
    auth.server.expireAccess();
    const events = await firstValueFrom(api.get<Echo>('/api/echo', { observe: 'events' }).pipe(toArray()));
    expect(events.filter(({ type }) => type !== 'downloadProgress')).toMatchObject([
      { type: 'sent', attempt: 1 },
      { type: 'sent', attempt: 2 },
      { type: 'response', response: { data: { generation: 2 } } },
    ]);
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('opts out of its own session and the attached one with `session: false`', async () => {
    const { instance, session } = attachedOn(auth.server);
    const api = createClient({ axios: instance, session });
    expect(await errorOf(api.get('/api/echo', { session: false }))).toMatchObject({ status: 401 });
    await flush(auth.server);
    expect(seen(auth.server)).toEqual(['/api/echo']);
  });

  it('sends nothing more for a request that is unsubscribed while it waits for the refresh', async () => {
    const { instance, session } = attachedOn(auth.server);
    const api = createClient({ axios: instance, session });
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const subscription = api.get('/api/echo').subscribe();
    await refresh.arrived;
    subscription.unsubscribe();
    refresh.release();
    await auth.server.answered('/api/refresh-token');
    await flush(auth.server);
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token']);
  });
});
