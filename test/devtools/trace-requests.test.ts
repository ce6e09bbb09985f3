import { createClient, InvalidInputError, withoutSession } from 'sluice';
import { traceRequests, type TraceEvent } from 'sluice/devtools';
import axios from 'axios';
import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { attachedOn } from '../http/attached.ts';
import { adapters, appOn, errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { stepOf, traced } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('the trace of a client with the %s adapter', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('has each step of a request that is resent, with one id and without the query', async () => {
    const { api } = app();
    const events = traced(api);
    auth.server.expireAccess();
    await firstValueFrom(api.get('/api/echo?secret=in-the-url', { params: { secret: 'in-the-params' } }));
    expect(events.map(stepOf)).toEqual([
      'GET /api/echo sent (1)',
      'GET /api/echo answered 401 (1)',
      'GET /api/echo held (1)',
      'GET /api/echo resent (2)',
      'GET /api/echo answered 200 (2)',
      'GET /api/echo completed 200 (2)',
    ]);
    expect(new Set(events.map(({ id, origin }) => `${id} ${origin}`)).size).toBe(1);
    expect(events[0]?.origin).toBe(auth.server.url);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('shows that a request is held until the refresh that another one caused has ended', async () => {
    const { api } = app();
    const events = traced(api);
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = record(api.get('/api/echo'));
    await refresh.arrived;
    const second = record(api.post('/api/test-post', {}));
    const ofSecond = (): string[] => events.filter(({ method }) => method === 'POST').map(stepOf);
    await expect.poll(ofSecond).toEqual(['POST /api/test-post held (0)']);
    refresh.release();
    await Promise.all([first.outcome, second.outcome]);
    expect(ofSecond().slice(0, 2)).toEqual(['POST /api/test-post held (0)', 'POST /api/test-post sent (1)']);
  });

  it('includes requests outside the session', async () => {
    const { api } = app();
    const events = traced(api);
    await firstValueFrom(api.get('/public/a', { session: false }));
    await firstValueFrom(api.get(`${auth.server.url.replace('127.0.0.1', 'localhost')}/public/b`));
    await firstValueFrom(api.get('/public/c', { headers: { Authorization: 'Bearer own' } }));
    const steps = (path: string) =>
      ['sent (1)', 'answered 200 (1)', 'completed 200 (1)'].map((s) => `GET ${path} ${s}`);
    expect(events.map(stepOf)).toEqual(['/public/a', '/public/b', '/public/c'].flatMap(steps));
  });

  it('includes the requests of a client without a session', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    const events = traced(api);
    await firstValueFrom(api.get('/public/a'));
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered', 'completed']);
  });

  it('shows an error status, and an error without a response', async () => {
    const { api } = app();
    const events = traced(api);
    auth.server.route('/api/reset', () => ({ fault: 'reset' }));
    await errorOf(api.get('/api/status/500'));
    const { code } = await errorOf(api.get('/api/reset'));
    expect(events.map(stepOf)).toEqual([
      'GET /api/status/500 sent (1)',
      'GET /api/status/500 answered 500 (1)',
      'GET /api/status/500 failed ERR_BAD_RESPONSE 500 (1)',
      'GET /api/reset sent (1)',
      `GET /api/reset failed ${code ?? ''} (1)`,
    ]);
  });

  it('shows that a request failed because its refresh was refused', async () => {
    const { api } = app();
    const events = traced(api);
    auth.server.expireAccess();
    auth.server.revokeFamily();
    await errorOf(api.get('/api/echo'));
    expect(events.slice(2).map(stepOf)).toEqual(['GET /api/echo held (1)', 'GET /api/echo failed session-expired (1)']);
  });

  it('shows a streamed request as completed when its body has ended', async () => {
    const { api } = app();
    const events = traced(api);
    const response = await firstValueFrom(
      api.get<AsyncIterable<Uint8Array>>('/api/stream', { responseType: 'stream', observe: 'response' }),
    );
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered']);
    await lastValueFrom(from(response.data));
    await expect.poll(() => events.at(-1)?.type).toBe('completed');
  });

  it('is empty for a request that is unsubscribed in the tick of its subscription', async () => {
    const { api } = app();
    const events = traced(api);
    record(api.get('/api/echo')).unsubscribe();
    await firstValueFrom(api.get('/public/later'));
    expect(new Set(events.map(({ path }) => path))).toEqual(new Set(['/public/later']));
  });
});

describe.each(adapters)('the trace of an attached instance with the %s adapter', (adapter) => {
  it('includes its requests, those without the session, and those of `refresh` itself', async () => {
    const { instance } = attachedOn(auth.server, {
      adapter,
      sessionOptions: {
        refresh: async (tokens, { signal }) => {
          const sent = { refreshToken: tokens?.refreshToken };
          const { data } = await instance.post<{ jwtToken: string }>('/api/refresh-token', sent, { signal });
          return { accessToken: data.jwtToken };
        },
      },
    });
    const events = traced(instance);
    auth.server.expireAccess();
    await instance.get('/api/echo', { params: { secret: 1 } });
    await instance.get('/public/a', withoutSession());
    expect(events.map(stepOf)).toEqual([
      'GET /api/echo sent (1)',
      'GET /api/echo answered 401 (1)',
      // The refresh is sent before `held` is emitted, because the waiting request causes it.
      'POST /api/refresh-token sent (1)',
      'GET /api/echo held (1)',
      'POST /api/refresh-token answered 200 (1)',
      'POST /api/refresh-token completed 200 (1)',
      'GET /api/echo resent (2)',
      'GET /api/echo answered 200 (2)',
      'GET /api/echo completed 200 (2)',
      'GET /public/a sent (1)',
      'GET /public/a answered 200 (1)',
      'GET /public/a completed 200 (1)',
    ]);
  });

  it('includes each request of a client on this instance once', async () => {
    const { instance, session } = attachedOn(auth.server, { adapter });
    const api = createClient({ axios: instance, session });
    const events = traced(instance);
    await firstValueFrom(api.get('/api/echo'));
    await instance.get('/api/echo');
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    expect(events.filter(({ type }) => type === 'completed')).toHaveLength(2);
  });
});

describe('traceRequests()', () => {
  it('refuses what is neither a client nor an axios instance', () => {
    expect(() => traceRequests({} as never)).toThrow(InvalidInputError);
    expect(() => traceRequests(undefined as never)).toThrow(InvalidInputError);
  });

  it('fails for an instance that is frozen', async () => {
    const instance = Object.freeze(axios.create());
    expect(await record(traceRequests(instance)).outcome).toMatchObject({
      kind: 'error',
      error: { name: 'TypeError' },
    });
  });

  it('traces no request that began before its subscription', async () => {
    const { api } = appOn(auth.server);
    const hold = auth.server.hold('/api/echo');
    const early = record(api.get('/api/echo'));
    await hold.arrived;
    const events: TraceEvent[] = traced(api);
    hold.release();
    await early.outcome;
    expect(events).toEqual([]);
  });
});
