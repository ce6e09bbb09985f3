import { createClient } from 'sluice';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, flush, paths, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('a client with the %s adapter:', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it.each(['get', 'delete', 'head', 'options'] as const)('%s takes a URL and options', async (verb) => {
    const { api, session } = app();
    await firstValueFrom(api[verb]('/api/echo', { params: { q: 'a b' }, headers: { 'X-Own': 'mine' } }));
    const [request] = auth.server.requests;
    expect(request).toMatchObject({
      method: verb.toUpperCase(),
      path: '/api/echo',
      query: { q: 'a b' },
      token: session.state.tokens?.accessToken,
      tokenState: 'valid',
    });
    expect(request?.headers['x-own']).toBe('mine');
    expect(request?.body).toHaveLength(0);
  });

  it.each(['post', 'put', 'patch'] as const)('%s takes a URL, a body and options', async (verb) => {
    const answer = await firstValueFrom(app().api[verb]<Echo>('/api/echo', { name: 'Ada' }, { params: { q: '1' } }));
    expect(answer).toMatchObject({ method: verb.toUpperCase(), query: { q: '1' }, text: '{"name":"Ada"}' });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(auth.server.requests[0]?.tokenState).toBe('valid');
  });

  it.each([
    ['postForm', 'POST'],
    ['putForm', 'PUT'],
    ['patchForm', 'PATCH'],
  ] as const)('%s sends a multipart form', async (verb, method) => {
    const answer = await firstValueFrom(
      app().api[verb]<Echo>('/api/echo', { name: 'Ada' }, { headers: { 'X-Own': 'mine' } }),
    );
    expect(answer.method).toBe(method);
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(answer.headers['content-type'] ?? '')?.[1];
    expect(boundary).toBeDefined();
    expect(answer.text).toContain(`--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n`);
    expect(answer.text).toContain('\r\n\r\nAda\r\n');
    expect(answer.headers['x-own']).toBe('mine');
  });

  it('request() takes everything in one object, and its method is GET by default', async () => {
    const { api } = app();
    await firstValueFrom(api.request({ url: '/api/echo', params: { n: 1 } }));
    await firstValueFrom(api.request({ url: '/api/echo', method: 'POST', data: { n: 2 } }));
    expect(auth.server.requests.map(({ method, url, body }) => [method, url, body.toString()])).toEqual([
      ['GET', '/api/echo?n=1', ''],
      ['POST', '/api/echo', '{"n":2}'],
    ]);
  });

  it('delete() sends the body in its options', async () => {
    await firstValueFrom(app().api.delete('/api/echo', { data: { ids: [1, 2] } }));
    expect(auth.server.requests[0]?.body.toString()).toBe('{"ids":[1,2]}');
  });

  it('post() without a body sends none', async () => {
    await firstValueFrom(app().api.post('/api/echo'));
    expect(auth.server.requests[0]).toMatchObject({ method: 'POST', body: Buffer.alloc(0) });
  });

  it('no method sends anything until it is subscribed to, and each subscription sends a request', async () => {
    const users$ = app().api.get<Echo>('/api/echo');
    await flush(auth.server);
    expect(paths(auth.server)).toEqual([]);
    await Promise.all([firstValueFrom(users$), firstValueFrom(users$)]);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/echo']);
  });

  it('a request carries the token at the subscription, not at the call', async () => {
    const { api, session } = app();
    const users$ = api.get<Echo>('/api/echo');
    await session.signIn(auth.server.login('bob'));
    expect((await firstValueFrom(users$)).user).toBe('bob');
  });

  it('a request emits one body and completes', async () => {
    const recording = record(app().api.get<Echo>('/api/test-get'));
    await recording.outcome;
    expect(recording.expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ message: 'It works', user: 'ada', generation: 1 }],
    });
  });

  it('a request without a session sends no token, and its 401 is delivered', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    expect((await firstValueFrom(api.get<Echo>('/public/echo'))).path).toBe('/public/echo');
    const outcome = await record(api.get('/api/echo')).outcome;
    expect(outcome).toMatchObject({ kind: 'error', error: { isAxiosError: true, status: 401 } });
    expect(auth.server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('no method changes the options that it is given', async () => {
    const options = Object.freeze({ params: Object.freeze({ q: 1 }), headers: Object.freeze({ 'X-Own': 'mine' }) });
    await firstValueFrom(app().api.postForm('/api/echo', { a: 1 }, options));
    expect(options).toEqual({ params: { q: 1 }, headers: { 'X-Own': 'mine' } });
  });
});

it('a form of a client has the `Content-Type` of the options when they name one', async () => {
  const { api } = appOn(auth.server);
  await firstValueFrom(
    api.postForm('/api/echo', { a: 1 }, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
  );
  expect(auth.server.requests[0]?.body.toString()).toBe('a=1');
});

it('the headers of a client’s form are merged by name, not by spelling', async () => {
  const { api } = appOn(auth.server);
  await firstValueFrom(
    api.postForm('/api/echo', { a: 1 }, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  );
  expect(auth.server.requests[0]?.body.toString()).toBe('a=1');
});
