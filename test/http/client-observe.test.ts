import type { RequestEvent, RequestOptions } from 'sluice';
import { firstValueFrom, lastValueFrom, take, toArray, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, flush, paths, type AdapterName, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** The events without progress, which depends on the network. */
const steps = (events: readonly RequestEvent<unknown>[]): string[] =>
  events.flatMap((event) => {
    if (event.type === 'sent') return [`sent ${event.attempt}`];
    return event.type === 'response' ? [`response ${event.response.status}`] : [];
  });

describe.each(adapters)('the `observe` option of a client with the %s adapter', (adapter) => {
  const app = (options = {}) => appOn(auth.server, { adapter, ...options });

  it('gives the body by default', async () => {
    expect(await firstValueFrom(app().api.get('/api/test-get', { observe: 'body' }))).toMatchObject({ user: 'ada' });
    expect(await firstValueFrom(app().api.get('/api/test-get'))).toMatchObject({ user: 'ada' });
  });

  it('gives axios’s response for `response`', async () => {
    auth.server.route('/api/made', () => ({ status: 201, headers: { 'x-answer': 'yes' }, body: { id: 7 } }));
    const response = await firstValueFrom(app().api.post('/api/made', { a: 1 }, { observe: 'response' }));
    expect(response).toMatchObject({ status: 201, data: { id: 7 } });
    expect(response.headers['x-answer']).toBe('yes');
    expect(response.config).toMatchObject({ url: '/api/made', data: '{"a":1}', method: 'post' });
  });

  it('emits `sent` and then the response for `events`', async () => {
    const events = await firstValueFrom(app().api.get<Echo>('/api/echo', { observe: 'events' }).pipe(toArray()));
    expect(steps(events)).toEqual(['sent 1', 'response 200']);
    expect(events.at(-1)).toMatchObject({ type: 'response', response: { data: { path: '/api/echo' } } });
  });

  it('emits `sent` twice when a refresh comes in between, and nothing for the 401', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const events = await firstValueFrom(api.get('/api/echo', { observe: 'events' }).pipe(toArray()));
    expect(steps(events)).toEqual(['sent 1', 'sent 2', 'response 200']);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token', '/api/echo']);
  });

  it('emits no `sent` while a request is held', async () => {
    const { api, session } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = record(api.get('/api/echo'));
    await refresh.arrived;
    const held = record(api.get('/api/test-get', { observe: 'events' }));
    await flush(auth.server);
    expect(session.state.status).toBe('refreshing');
    expect(held.events).toEqual([]);
    refresh.release();
    await Promise.all([first.outcome, held.outcome]);
    expect(steps(held.values)).toEqual(['sent 1', 'response 200']);
  });

  it('counts the attempts of each subscription from 1', async () => {
    const events$ = app().api.get('/api/echo', { observe: 'events' });
    expect(steps(await firstValueFrom(events$.pipe(toArray())))).toEqual(['sent 1', 'response 200']);
    expect(steps(await firstValueFrom(events$.pipe(toArray())))).toEqual(['sent 1', 'response 200']);
  });

  it('ends with the error of the last send', async () => {
    const { api } = app();
    const recording = record(api.get('/api/status/500', { observe: 'events' }));
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: { status: 500 } });
    expect(steps(recording.values)).toEqual(['sent 1']);
  });

  it('emits upload and download progress, and calls the caller’s callbacks as well', async () => {
    const body = 'x'.repeat(300_000);
    const onUploadProgress = vi.fn<(event: { loaded: number; upload?: boolean }) => void>();
    const onDownloadProgress = vi.fn<(event: { loaded: number; download?: boolean }) => void>();
    const events = await firstValueFrom(
      app()
        .api.post<Echo>('/api/echo', body, { observe: 'events', onUploadProgress, onDownloadProgress })
        .pipe(toArray()),
    );
    const up = events.filter((event) => event.type === 'uploadProgress');
    const down = events.filter((event) => event.type === 'downloadProgress');
    expect(up.at(-1)).toEqual({ type: 'uploadProgress', loaded: 300_000, total: 300_000 });
    expect(down.at(-1)?.loaded).toBe(down.at(-1)?.total);
    expect(down.at(-1)?.loaded).toBeGreaterThan(300_000);
    for (const event of [...up, ...down])
      expect(Object.keys(event).sort()).toEqual(expect.arrayContaining(['loaded', 'type']));
    expect(onUploadProgress.mock.calls.map(([{ loaded }]) => loaded)).toEqual(up.map(({ loaded }) => loaded));
    expect(onUploadProgress.mock.lastCall?.[0].upload).toBe(true);
    expect(onDownloadProgress.mock.calls.map(([{ loaded }]) => loaded)).toEqual(down.map(({ loaded }) => loaded));
    expect(onDownloadProgress.mock.lastCall?.[0].download).toBe(true);
    expect(auth.server.requests[0]?.body.toString()).toBe(body);
  });

  it('emits upload progress when the caller has no callback', async () => {
    const events$ = app().api.post('/api/echo', 'x'.repeat(1000), { observe: 'events' });
    const up = (await firstValueFrom(events$.pipe(toArray()))).filter(({ type }) => type === 'uploadProgress');
    expect(up.at(-1)).toEqual({ type: 'uploadProgress', loaded: 1000, total: 1000 });
  });

  it('gives no total for a body of unknown length', async () => {
    const events = await firstValueFrom(app().api.get('/api/stream', { observe: 'events' }).pipe(toArray()));
    const down = events.filter(({ type }) => type === 'downloadProgress');
    expect(down.at(-1)).toMatchObject({ loaded: 'chunk 1\nchunk 2\nchunk 3\n'.length });
    expect(down.at(-1)).not.toHaveProperty('total');
  });

  it('emits the response as the last event, without progress after it', async () => {
    const recording = record(app().api.post('/api/echo', 'x'.repeat(300_000), { observe: 'events' }));
    expect((await recording.outcome).kind).toBe('complete');
    await flush(auth.server);
    expect(recording.expectOneOutcome().values.at(-1)).toMatchObject({ type: 'response' });
  });

  it('closes the connection and emits no response when it is unsubscribed from in flight', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo', { when: 'after' });
    const recording = record(api.post('/api/echo', 'x'.repeat(300_000), { observe: 'events' }));
    await hold.arrived;
    recording.unsubscribe();
    await auth.server.closed('/api/echo');
    await flush(auth.server);
    const { kind, values } = recording.expectOneOutcome();
    expect(kind).toBe('unsubscribed');
    expect(values).not.toContainEqual(expect.objectContaining({ type: 'response' }));
  });

  it('sends nothing when `sent` makes the subscriber unsubscribe', async () => {
    const { api } = app();
    expect(await lastValueFrom(api.get('/api/echo', { observe: 'events' }).pipe(take(1)))).toEqual({
      type: 'sent',
      attempt: 1,
    });
    await flush(auth.server);
    expect(paths(auth.server).filter((path) => path === '/api/echo')).toEqual([]);
  });

  it('passes on the caller’s callbacks unchanged when no events are observed', async () => {
    const onUploadProgress = vi.fn();
    await firstValueFrom(app().api.post('/api/echo', 'x'.repeat(1000), { onUploadProgress }));
    expect(onUploadProgress).toHaveBeenCalled();
  });

  it('fails with the second 401 for `response`', async () => {
    const { api } = app();
    auth.server.route('/api/never', () => ({ status: 401 }));
    expect(await errorOf(api.get('/api/never', { observe: 'response' }))).toMatchObject({ status: 401 });
  });
});

describe('upload progress on a page, where a streamed body needs HTTP/2,', () => {
  beforeEach(() => {
    vi.stubGlobal('location', { href: 'https://app.example.com/' });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  /** What the server received of a body, and whether upload progress was emitted. */
  const sent = async (adapter: AdapterName, options: RequestOptions = {}) => {
    const { api } = appOn(auth.server, { adapter });
    const events$ = api.post('/api/echo', 'a body', { ...options, observe: 'events' }) as Observable<
      RequestEvent<unknown>
    >;
    const events = await firstValueFrom(events$.pipe(toArray()));
    const { headers, body } = auth.server.requests[0]!;
    expect(body.toString()).toBe('a body');
    return {
      length: headers['content-length'],
      told: events.some(({ type }) => type === 'uploadProgress'),
    };
  };

  it('is not emitted over fetch, which sends the body as a whole', async () => {
    expect(await sent('fetch')).toEqual({ length: '6', told: false });
  });

  it('makes fetch send a stream when the caller asks for progress itself', async () => {
    const onUploadProgress = vi.fn();
    expect(await sent('fetch', { onUploadProgress })).toEqual({ length: undefined, told: true });
    expect(onUploadProgress).toHaveBeenCalled();
  });

  it('is emitted by another adapter', async () => {
    expect(await sent('http')).toEqual({ length: '6', told: true });
  });

  it('depends on the adapter of the request, not on that of the client', async () => {
    expect(await sent('http', { adapter: 'fetch' })).toEqual({ length: '6', told: false });
  });
});
