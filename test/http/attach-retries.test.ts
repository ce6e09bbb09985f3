import { attachSession, createClient, createSession, memoryStore, SessionChangedError, type Session } from 'sluice';
import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn } from './attached.ts';
import { errorOf, instanceOn, sessionOn } from './fixture.ts';
import { appWith, interceptorOf } from './interceptor-kinds.ts';

failOnUnhandled();
const auth = useAuthServer();

const bob = { accessToken: 'bob' };
const nothing = (): void => undefined;
const sessionOf = (accessToken: string): Session =>
  createSession({
    store: memoryStore({ accessToken }),
    refresh: () => Promise.reject(new Error('not expected')),
    authorize: (tokens) => ({ Authorization: tokens.accessToken }),
  });
/** An interceptor that sets an adapter for each request: the one that the instance had at registration. */
const givingAdapter = (instance: AxiosInstance): void => {
  const { adapter } = instance.defaults;
  instance.interceptors.request.use(async (config) => Object.assign(config, { adapter }));
};

describe('an interceptor of an attached instance that retries a failed request', () => {
  const retrying = (register: (instance: AxiosInstance) => void) => {
    let failures = 1;
    let meanwhile: () => unknown = nothing;
    const app = appWith(
      {
        order: 'after',
        register: (instance) => {
          register(instance);
          instance.interceptors.response.use(undefined, (error: AxiosError) => {
            meanwhile();
            return error.config ? instance.request(error.config) : Promise.reject(error);
          });
        },
      },
      { answer: () => ({ status: failures-- > 0 ? 503 : 200 }) },
    );
    return { ...app, during: (work: () => unknown) => (meanwhile = work) };
  };

  it.each([
    ['alone', nothing],
    ['beside one that gives each request an adapter', givingAdapter],
  ])('sends nothing for another owner than that of the first try (%s)', async (_, register) => {
    const { instance, session, sent, during } = retrying(register);
    during(() => session.signIn(bob));
    expect(await errorOf(instance.post('/orders', 'tea'))).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual(['post /orders ada']);
    await instance.post('/orders', 'tea');
    expect(sent).toEqual(['post /orders ada', 'post /orders bob']);
  });

  it.each([
    ['alone', nothing],
    ['beside one that gives each request an adapter', givingAdapter],
  ])('sends the retry with the token while the owner is the same (%s)', async (_, register) => {
    const { instance, sent } = retrying(register);
    await instance.post('/orders', 'tea');
    expect(sent).toEqual(['post /orders ada', 'post /orders ada']);
  });
});

describe('a client of an attached instance whose interceptor sets an adapter for each request', () => {
  it.each([
    ['another session', () => ({ session: sessionOf('carol') })],
    ['no session', () => ({})],
  ])('sends no token of the attached session when the client has %s', async (_, options) => {
    const { instance, sent } = appWith({ order: 'after', register: givingAdapter });
    await firstValueFrom(createClient({ axios: instance, ...options() }).get('/'));
    expect(sent).toEqual(['get / nobody']);
  });

  it('with the same session fixes the owner of a request at subscription', async () => {
    const { instance, session, sent } = appWith({ order: 'after', register: givingAdapter });
    const api = createClient({ axios: instance, session });
    const failed = errorOf(api.post('/of-ada'));
    void session.signIn(bob);
    await firstValueFrom(api.get('/of-bob'));
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual(['get /of-bob bob']);
  });
});

describe('while an interceptor runs,', () => {
  const waiting = () => {
    const interceptor = interceptorOf('waits and spreads the config');
    return { ...interceptor, ...appWith({ order: 'after', ...interceptor }) };
  };

  it('detaching leaves a request with the session of its call', async () => {
    const { instance, session, sent, detach, letGo } = waiting();
    const [former, stays] = [errorOf(instance.get('/former')), instance.get('/stays')];
    detach();
    letGo();
    await stays;
    void session.signIn(bob);
    await former.catch(nothing);
    expect(sent).toEqual(['get /former ada', 'get /stays ada']);
  });

  it('attaching another session leaves a request with the session of its call, where a sign-in of another person fails it', async () => {
    const { instance, session, sent, detach, letGo } = waiting();
    const failed = errorOf(instance.get('/former'));
    detach();
    attachSession(instance, sessionOf('carol'));
    const next = instance.get('/next');
    void session.signIn(bob);
    letGo();
    await next;
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual(['get /next carol']);
  });

  it('an instance with two sessions sends by the later one, for that session’s owner at the call', async () => {
    const { instance, session, sent, letGo } = waiting();
    const later = sessionOf('carol');
    attachSession(instance, later);
    const goes = instance.get('/');
    void session.signIn(bob);
    letGo();
    await goes;
    const failed = errorOf(instance.get('/'));
    void later.signIn({ accessToken: 'dave' });
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual(['get / carol']);
  });

  it('a session that is attached twice sends once, for its owner at the call', async () => {
    const { instance, session, sent, letGo } = waiting();
    attachSession(instance, session);
    const failed = errorOf(instance.get('/'));
    void session.signIn(bob);
    letGo();
    expect(await failed).toBeInstanceOf(SessionChangedError);
    await instance.get('/');
    expect(sent).toEqual(['get / bob']);
  });
});

describe('the owner of an attached instance’s request', () => {
  it('is fixed at the call even if a wrapper of `use` calls runWhen itself', async () => {
    const interceptor = interceptorOf('waits');
    const { instance, session, sent, detach } = appWith({ order: 'after', ...interceptor });
    detach();
    const { request } = instance.interceptors;
    const use = request.use.bind(request);
    request.use = (onFulfilled, onRejected, { runWhen, ...options } = {}) =>
      use(onFulfilled, onRejected, { ...options, runWhen: (config) => runWhen?.(config) !== false });
    attachSession(instance, session);
    const failed = errorOf(instance.get('/'));
    void session.signIn(bob);
    interceptor.letGo();
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual([]);
  });

  it('is not that of an earlier call when the interceptors were copied to another instance', async () => {
    const { instance, session, sent } = appWith({ order: 'after', register: nothing });
    await instance.get('/first');
    const copy = axios.create({ ...instance.defaults, headers: {} });
    for (const { fulfilled } of instance.interceptors.request.handlers ?? []) copy.interceptors.request.use(fulfilled);
    await session.signIn(bob);
    await copy.get('/copied');
    expect(sent).toEqual(['get /first ada', 'get /copied bob']);
  });

  it('is stored so that no response and no error leads to a token', async () => {
    const { instance } = attachedOn(auth.server);
    instance.interceptors.request.use(async (config) => ({ ...config }));
    const response = await instance.get('/api/echo');
    const error = await errorOf(instance.get('/api/status/500'));
    expectNoToken([response.config, error.config, error.toJSON()], auth.server.secrets());
  });

  it('is lost when a later interceptor removes the adapter from the config: no token is sent', async () => {
    const instance = instanceOn(auth.server);
    // Axios runs request interceptors in reverse order, so the oldest one runs last.
    instance.interceptors.request.use(({ adapter: _, ...config }) => config);
    attachSession(instance, sessionOn(auth.server).session);
    await instance.get('/public/echo');
    expect(auth.server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});
