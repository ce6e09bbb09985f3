import { attachSession, createClient, createSession, memoryStore, type Session, type TokenSet } from 'sluice';
import axios from 'axios';
import { delay, http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { firstValueFrom, forkJoin } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, errorOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const baseURL = 'https://api.example.com';
const mocked = setupServer();
/** Every request that msw received: method, path, token. */
let seen: string[] = [];
/** The number of the only valid token. */
let good = 2;

const tokensOf = (n: number): TokenSet => ({ accessToken: `access-${n}`, refreshToken: `refresh-${n}` });
const handlers = [
  http.post(`${baseURL}/refresh`, async ({ request }) => {
    const { refreshToken } = (await request.json()) as { refreshToken: string };
    if (refreshToken !== 'refresh-1') return HttpResponse.json({ error: 'invalid_grant' }, { status: 400 });
    return HttpResponse.json(tokensOf(2));
  }),
  http.all(`${baseURL}/users/:id?`, async ({ request, params }) => {
    if (request.headers.get('authorization') !== `Bearer access-${good}`)
      return HttpResponse.json({ message: 'unauthorized' }, { status: 401 });
    return HttpResponse.json({ id: params['id'], sent: await request.text() }, { headers: { etag: '"7"' } });
  }),
];

beforeAll(() => {
  mocked.listen({ onUnhandledFrame: 'error' });
  mocked.events.on('request:start', ({ request }) => {
    const token = request.headers.get('authorization');
    seen.push(`${request.method} ${new URL(request.url).pathname}${token === null ? '' : ` ${token.slice(7)}`}`);
  });
});
beforeEach(() => {
  seen = [];
  good = 2;
  mocked.resetHandlers(...handlers);
});
afterAll(() => {
  mocked.close();
});

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.dispose();
});

describe.each(adapters)('msw in Node, with the %s adapter:', (adapter) => {
  const setUp = () => {
    const open = createClient({ baseURL, adapter });
    const session = createSession({
      store: memoryStore(tokensOf(1)),
      refresh: (current, { signal }) =>
        open.post<TokenSet>('/refresh', { refreshToken: current?.refreshToken }, { signal }),
    });
    sessions.push(session);
    return { session, api: createClient({ baseURL, adapter, session }) };
  };

  it('a dead token is refreshed once for all requests, and each is sent again', async () => {
    const { api } = setUp();
    const answers = await firstValueFrom(forkJoin([1, 2, 3].map((id) => api.get<{ id: string }>(`/users/${id}`))));
    expect(answers.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(seen.filter((line) => line === 'POST /refresh')).toHaveLength(1);
    expect(seen.filter((line) => line.endsWith('access-2'))).toHaveLength(3);
  });

  it('bodies and headers arrive on both sends', async () => {
    const { api } = setUp();
    const response = await firstValueFrom(api.post('/users', { name: 'Ada' }, { observe: 'response' }));
    expect(response).toMatchObject({ status: 200, data: { sent: '{"name":"Ada"}' } });
    expect(response.headers['etag']).toBe('"7"');
    expect(seen).toEqual(['POST /users access-1', 'POST /refresh', 'POST /users access-2']);
  });

  it('a refused refresh ends the session', async () => {
    const { api, session } = setUp();
    mocked.use(http.post(`${baseURL}/refresh`, () => HttpResponse.json({ error: 'invalid_grant' }, { status: 400 })));
    expect(await errorOf(api.get('/users/1'))).toMatchObject({ code: 'session-expired' });
    expect(session.state.status).toBe('signed-out');
  });

  it('a network error of msw is ERR_NETWORK, and the session is kept', async () => {
    const { api, session } = setUp();
    mocked.use(http.post(`${baseURL}/refresh`, () => HttpResponse.error()));
    expect(await errorOf(api.get('/users/1'))).toMatchObject({ code: 'refresh-failed', reason: 'unavailable' });
    expect(session.state.status).toBe('signed-in');
    mocked.use(http.get(`${baseURL}/users/2`, () => HttpResponse.error()));
    expect(await errorOf(api.get('/users/2', { session: false }))).toMatchObject({ isAxiosError: true });
  });

  it('empty and broken bodies are read as from a real server', async () => {
    const { api } = setUp();
    const json = { headers: { 'content-type': 'application/json' } };
    mocked.use(
      http.get(`${baseURL}/empty`, () => new HttpResponse(null, { status: 204 })),
      http.get(`${baseURL}/cut`, () => new HttpResponse('{"cut', json)),
      http.get(`${baseURL}/text`, () => HttpResponse.text('plain')),
    );
    expect(await firstValueFrom(api.get('/empty'))).toBeNull();
    expect(await firstValueFrom(api.get('/text'))).toBe('plain');
    expect(await errorOf(api.get('/cut'))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
  });

  it('a timeout ends a request that is never answered', async () => {
    const { api } = setUp();
    mocked.use(http.get(`${baseURL}/slow`, () => delay('infinite')));
    expect(await errorOf(api.get('/slow', { timeout: 30 }))).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('unsubscribing aborts a request that is never answered', async () => {
    const { api } = setUp();
    const aborted = vi.fn();
    const slow = http.get(`${baseURL}/slow`, ({ request }) => {
      request.signal.addEventListener('abort', aborted);
      return delay('infinite');
    });
    mocked.use(slow);
    const recording = record(api.get('/slow'));
    await waitFor(() => expect(seen).toHaveLength(1));
    recording.unsubscribe();
    await waitFor(() => expect(aborted).toHaveBeenCalledOnce());
    expect(recording.expectOneOutcome()).toEqual({ kind: 'unsubscribed', values: [] });
  });

  it('promise code on an attached instance is served as well', async () => {
    const { session } = setUp();
    const instance = axios.create({ baseURL, adapter });
    attachSession(instance, session);
    expect((await instance.put<unknown>('/users/7', 'text')).data).toEqual({ id: '7', sent: 'text' });
    expect(seen).toEqual(['PUT /users/7 access-1', 'POST /refresh', 'PUT /users/7 access-2']);
  });

  it('a request whose token is still valid is sent once', async () => {
    const { api } = setUp();
    good = 1;
    await firstValueFrom(api.get('/users/1'));
    expect(seen).toEqual(['GET /users/1 access-1']);
  });
});
