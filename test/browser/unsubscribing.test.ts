import axios from 'axios';
import { createClient, type TokenSet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { adapters, appOn, sessionOn, typesOf } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

describe.each(adapters)('over %s', (adapter) => {
  it('unsubscribing in the tick of subscribing sends nothing', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    // Repeated, because Chromium sends in another process, and an aborted request would win that race only now and
    // then.
    const left = Array.from({ length: 20 }, (_, n) => record(api.get(`/api/echo?n=${n.toString()}`)));
    for (const recording of left) recording.unsubscribe();

    await server.flush();
    expect(await server.sent()).toEqual([]);
    for (const recording of left)
      expect(recording.expectOneOutcome()).toMatchObject({ kind: 'unsubscribed', values: [] });
  });

  it('unsubscribing while the store is read sends nothing', async () => {
    const { server } = use;
    const tokens = await server.login();
    let give!: (tokens: TokenSet) => void;
    const store = { get: () => new Promise<TokenSet>((resolve) => (give = resolve)), set: () => undefined };
    const { api } = await appOn(server, adapter, { sessionOptions: { store } });
    const [left, stays] = [record(api.get('/api/left')), record(api.get('/api/stays'))];

    left.unsubscribe();
    give(tokens);

    expect((await stays.outcome).kind).toBe('complete');
    await server.flush();
    expect((await server.sent()).map(({ path }) => path)).toEqual(['/api/stays']);
  });

  it('unsubscribing while an interceptor runs sends nothing', async () => {
    const { server } = use;
    const { session } = await sessionOn(server);
    const instance = axios.create({ baseURL: server.url, adapter });
    let goOn = (): void => undefined;
    const working = new Promise<void>((resolve) => (goOn = resolve));
    instance.interceptors.request.use((config) => working.then(() => config));
    const api = createClient({ axios: instance, session });
    const [left, stays] = [record(api.get('/api/left')), record(api.get('/api/stays'))];

    left.unsubscribe();
    goOn();

    expect((await stays.outcome).kind).toBe('complete');
    await server.flush();
    expect((await server.sent()).map(({ path }) => path)).toEqual(['/api/stays']);
  });

  it('unsubscribing a request in flight closes its connection, and no other', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/*');
    const [left, stays] = [record(api.get('/api/left')), record(api.get('/api/stays'))];
    await held.waiting(2);

    left.unsubscribe();
    await server.closed('/api/left');
    await held.release();

    expect((await stays.outcome).kind).toBe('complete');
    expect(await server.sent('/api/stays')).toMatchObject([{ status: 200, closedEarly: false }]);
    expect(left.expectOneOutcome()).toMatchObject({ kind: 'unsubscribed', values: [] });
  });

  it('unsubscribing while the body is received closes the connection', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const streaming = record(api.get('/api/stream?chunks=endless', { observe: 'events' }));
    await expect.poll(() => streaming.values.map(({ type }) => type)).toContain('downloadProgress');

    streaming.unsubscribe();

    await server.closed('/api/stream');
    expect(streaming.expectOneOutcome().kind).toBe('unsubscribed');
  });

  it('unsubscribing a request that waits for the refresh prevents its resend, and no other’s', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const [left, stays] = [record(api.get('/api/left')), record(api.get('/api/stays'))];
    await server.answered('/api/*', 2);
    await refreshing.waiting(1);
    const late = record(api.get('/api/late'));

    left.unsubscribe();
    late.unsubscribe();
    await refreshing.release();

    expect((await stays.outcome).kind).toBe('complete');
    await server.flush();
    expect(await server.sent('/api/left')).toHaveLength(1);
    expect(await server.sent('/api/late')).toEqual([]);
    expect(await server.refreshes()).toMatchObject([{ outcome: 'issued' }]);
    expect(session.state.generation).toBe(2);
  });

  it('unsubscribing all requests neither aborts the refresh nor loses its tokens', async () => {
    const { server } = use;
    const { api, session, events } = await appOn(server, adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const left = record(api.get('/api/left'));
    await refreshing.waiting(1);

    left.unsubscribe();
    await refreshing.release();

    await expect.poll(() => session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    await server.flush();
    expect(await server.sent('/api/left')).toHaveLength(1);
    expect(typesOf(events)).not.toContain('request-resent');
    expect((await record(api.get('/api/next')).outcome).kind).toBe('complete');
    expect(await server.refreshes()).toHaveLength(1);
  });

  it('unsubscribing between the refresh and the resend sends nothing more', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter);
    await server.expireAccess();
    const left = record(api.get('/api/left'));
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded' || type === 'request-resent') left.unsubscribe();
    });

    expect((await left.outcome).kind).toBe('unsubscribed');
    await server.flush();
    expect(await server.sent('/api/left')).toHaveLength(1);
  });

  it('unsubscribing a resend in flight closes its connection', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();
    const held = await server.hold('/api/left');
    const left = record(api.get('/api/left'));
    await held.waiting(1);
    await held.next();
    await held.waiting(2);

    left.unsubscribe();

    expect(await server.closed('/api/left')).toMatchObject([{ generation: 2 }]);
    expect(await server.sent('/api/left')).toMatchObject([{ status: 401 }, { closedEarly: true }]);
    await held.release();
    await server.flush();
    expect(await server.sent('/api/left')).toHaveLength(2);
  });

  it('unsubscribing one of two subscriptions of an Observable aborts only its request', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/twice');
    // A POST, because Chromium holds back a second GET of the same URL to answer it from its cache.
    const twice$ = api.post('/api/twice');
    const left = record(twice$);
    await held.waiting(1);
    const stays = record(twice$);
    await held.waiting(2);

    left.unsubscribe();
    await server.closed('/api/twice');
    await held.release();

    expect((await stays.outcome).kind).toBe('complete');
    expect((await server.sent('/api/twice')).map(({ closedEarly }) => closedEarly)).toEqual([true, false]);
  });
});
