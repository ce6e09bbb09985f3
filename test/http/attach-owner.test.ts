import { SessionChangedError, withoutSession } from 'sluice';
import type { AxiosInstance } from 'axios';
import { describe, expect, it } from 'vitest';
import { pause } from '../support/real-time.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorOf } from './fixture.ts';
import { asynchronousKinds, appWith, interceptorOf, orders } from './interceptor-kinds.ts';

failOnUnhandled();

const kinds = Object.keys(asynchronousKinds);
const bob = { accessToken: 'bob' };
const matrix = kinds.flatMap((kind) => orders.map((order) => [kind, order] as const));

describe.each(matrix)('with an interceptor that %s, registered %s the session,', (kind, order) => {
  const app = () => {
    const interceptor = interceptorOf(kind);
    return { ...interceptor, ...appWith({ order, ...interceptor }) };
  };

  it('a request is not sent for a person who signs in in the same tick', async () => {
    const { instance, session, sent, letGo } = app();
    const failed = errorOf(instance.post('/orders', 'tea'));
    void session.signIn(bob);
    letGo();
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual([]);
  });

  it('a request is not sent for a person who signs in while the interceptor works', async () => {
    const { instance, session, sent, letGo } = app();
    const outcome = instance.post('/orders', 'tea').catch((error: unknown) => error);
    await pause(1);
    void session.signIn(bob);
    letGo();
    // An interceptor that returns the config synchronously has let the request be sent before the sign-in.
    if (kind === 'gives the config at once') expect(sent).toEqual(['post /orders ada']);
    else expect([await outcome, ...sent]).toEqual([expect.any(SessionChangedError)]);
  });

  it('a request is not sent after signOut()', async () => {
    const { instance, session, sent, letGo } = app();
    const failed = errorOf(instance.post('/orders', 'tea'));
    void session.signOut();
    letGo();
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual([]);
  });

  it('each request has its own owner: the earlier one fails, the next one is sent', async () => {
    const { instance, session, sent, letGo } = app();
    const failed = errorOf(instance.get('/of-ada'));
    void session.signIn(bob);
    const next = instance.get('/of-bob');
    letGo();
    await next;
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual(['get /of-bob bob']);
  });

  it('a request is sent with newer tokens of the same owner', async () => {
    const interceptor = interceptorOf(kind);
    const { instance, session, sent } = appWith(
      { order, ...interceptor },
      { refresh: () => [{ accessToken: 'newer' }] },
    );
    const done = instance.get('/orders');
    session.refresh$.subscribe();
    interceptor.letGo();
    await done;
    expect(sent).toEqual(['get /orders newer']);
  });
});

describe('with an asynchronous interceptor on an attached instance', () => {
  const waiting = () => {
    const interceptor = interceptorOf('waits and gives a config of text only');
    return { ...interceptor, ...appWith({ order: 'after', ...interceptor }) };
  };
  const verbs: [string, (instance: AxiosInstance) => Promise<unknown>][] = [
    ['instance(config)', (instance) => instance({ url: '/' })],
    ['instance(url, config)', (instance) => instance('/', { method: 'put' })],
    ['request(config)', (instance) => instance.request({ url: '/', method: 'patch' })],
    ...(['get', 'delete', 'head', 'options'] as const).map((verb): (typeof verbs)[number] => [
      verb,
      (instance) => instance[verb]('/'),
    ]),
    ...(['post', 'put', 'patch', 'postForm', 'putForm', 'patchForm'] as const).map((verb): (typeof verbs)[number] => [
      verb,
      (instance) => instance[verb]('/', { a: 1 }),
    ]),
  ];

  it.each(verbs)('a request by %s belongs to the person who is signed in at the call', async (_, call) => {
    const { instance, session, sent, letGo } = waiting();
    const failed = errorOf(call(instance));
    void session.signIn(bob);
    const next = call(instance);
    letGo();
    await next;
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual([expect.stringMatching(/ bob$/)]);
  });

  it('a request made while nobody is signed in is not sent for a person who signs in later', async () => {
    const { instance, session, sent, letGo } = waiting();
    await session.signOut();
    const failed = errorOf(instance.get('/'));
    void session.signIn(bob);
    letGo();
    expect(await failed).toBeInstanceOf(SessionChangedError);
    expect(sent).toEqual([]);
  });

  it('a request made while the store is read belongs to the person found there', async () => {
    const interceptor = interceptorOf('waits');
    const store = { get: () => pause(5).then(() => ({ accessToken: 'restored' })), set: () => undefined };
    const { instance, sent } = appWith({ order: 'after', ...interceptor }, { store });
    const done = instance.get('/');
    interceptor.letGo();
    await done;
    expect(sent).toEqual(['get / restored']);
  });

  it('a request without the session is sent even if another person signs in', async () => {
    const interceptor = interceptorOf('waits');
    const { instance, session, sent } = appWith({ order: 'after', ...interceptor });
    const done = Promise.all([
      instance.get('/without', withoutSession()),
      instance.get('/own', { headers: { Authorization: 'own' } }),
      instance.get('https://elsewhere.example.com/'),
    ]);
    void session.signIn(bob);
    interceptor.letGo();
    await done;
    expect(sent).toEqual(['get /without nobody', 'get /own own', 'get https://elsewhere.example.com/ nobody']);
  });
});

describe('a synchronous interceptor on an attached instance', () => {
  it.each(orders)('registered %s the session keeps the send synchronous with the call', async (order) => {
    const { instance, session, sent } = appWith({
      order,
      register: ({ interceptors }) =>
        interceptors.request.use((config) => ({ ...config }), null, { synchronous: true }),
    });
    const done = instance.get('/');
    void session.signIn(bob);
    await done;
    expect(sent).toEqual(['get / ada']);
  });
});

it('an app sees the same properties on an attached instance and its configs as without a session', async () => {
  const seen: PropertyKey[][] = [];
  const look = (instance: AxiosInstance): unknown =>
    instance.interceptors.request.use((config) => {
      seen.push(Reflect.ownKeys(config));
      return config;
    });
  const { instance, detach } = appWith({ order: 'after', register: look });
  const defaults = { ...instance.defaults };
  await instance.get('/');
  expect(instance.defaults).toEqual(defaults);
  detach();
  await instance.get('/');
  expect(seen[0]).toEqual(seen[1]);
});
