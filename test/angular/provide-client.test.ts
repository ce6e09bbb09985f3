import { InjectionToken, PendingTasks } from '@angular/core';
import { CLIENT, injectClient, provideClient, provideSession, SESSION } from 'sluice/angular';
import { type Client } from 'sluice';
import { traceRequests } from 'sluice/devtools';
import { InvalidInputError, memoryStore, type Session } from 'sluice/session';
import { eventStream } from 'sluice/streams';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { flush } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, appOn } from './fixture.ts';
import { injected } from './injected.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('provideClient', () => {
  it('shares the session, and its one refresh, with HttpClient', async () => {
    const { server } = auth;
    const { injector, get } = appOn(server, { providers: [provideClient({ baseURL: server.url })] });
    const client = injected(injector, () => injectClient());
    server.expireAccess();
    const hold = server.hold('/api/echo*');
    const both = [record(get('/api/echo?angular')), record(client.get('/api/echo?axios'))];
    await hold.waiting(2);
    hold.release();
    for (const { outcome } of both) expect(await outcome).toMatchObject({ kind: 'complete' });
    expect(server.refreshes).toHaveLength(1);
  });

  it('gives a client that developer tools can trace', async () => {
    const { server } = auth;
    const { injector } = appOn(server, { providers: [provideClient({ baseURL: server.url })] });
    const client = injected(injector, () => injectClient());
    const types: string[] = [];
    const tracing = traceRequests(client).subscribe(({ type }) => types.push(type));
    await firstValueFrom(client.get('/api/echo'));
    tracing.unsubscribe();
    expect(types).toEqual(['sent', 'answered', 'completed']);
  });

  it('takes a factory of options, and provides further clients with sessions of their own', async () => {
    const { server } = auth;
    const BILLING = new InjectionToken<Session>('billing');
    const BILLING_CLIENT = new InjectionToken<Client>('billing client');
    const injector = app([
      provideSession(
        { refresh: () => [server.login()], store: memoryStore(server.login('bob')) },
        { provide: BILLING },
      ),
      provideClient(() => ({ baseURL: server.url, session: injector.get(BILLING) }), { provide: BILLING_CLIENT }),
    ]);
    const client = injected(injector, () => injectClient(BILLING_CLIENT));
    expect(await firstValueFrom(client.get('/api/echo'))).toMatchObject({ user: 'bob' });
  });

  it('throws an error that names what is missing: the client, its session, or an option', () => {
    expect(() => app([]).get(CLIENT)).toThrow(/sluice CLIENT, which provideClient\(\) provides/);
    expect(() => app([provideClient({})]).get(CLIENT)).toThrow(/sluice SESSION, which provideSession\(\) provides/);
    const bad = app([provideSession({ refresh: () => [] }), provideClient({ trustedOrigins: ['no origin'] })]);
    expect(() => bad.get(CLIENT)).toThrow(InvalidInputError);
  });
});

describe('A provided client in an application that a server renders', () => {
  /** The number of pending tasks, which keep the application from becoming stable. */
  function counted(): { readonly client: Client; readonly session: Session; running(): number } {
    const tasks = new Set<object>();
    const pending: Pick<PendingTasks, 'add'> = {
      add: () => {
        const task = {};
        tasks.add(task);
        return () => tasks.delete(task);
      },
    };
    const { server } = auth;
    const { injector, session } = appOn(server, {
      providers: [provideClient({ baseURL: server.url }), { provide: PendingTasks, useValue: pending }],
    });
    return { client: injector.get(CLIENT), session, running: () => tasks.size };
  }

  it('keeps the application unstable from subscription to the end of a request, however it ends', async () => {
    const { client, running } = counted();
    const request$ = client.get('/api/echo');
    expect(running()).toBe(0);
    const { server } = auth;
    const hold = server.hold('/api/*');
    const [first, second, failing] = [record(request$), record(request$), record(client.get('/api/status/418'))];
    await hold.waiting(3);
    expect(running()).toBe(3);
    second.unsubscribe();
    expect(running()).toBe(2);
    hold.release();
    await Promise.all([first.outcome, failing.outcome]);
    expect(running()).toBe(0);
  });

  it('keeps the application unstable while a request waits for a refresh', async () => {
    const { client, running } = counted();
    const { server } = auth;
    server.expireAccess();
    const refresh = server.hold('/api/refresh-token');
    const request = record(client.get('/api/echo'));
    await refresh.arrived;
    expect(running()).toBeGreaterThanOrEqual(1);
    refresh.release();
    await request.outcome;
    await flush(server);
    expect(running()).toBe(0);
  });

  it('lets the application become stable only after the subscriber has the response', async () => {
    const { client, running } = counted();
    let duringAnswer = 0;
    await new Promise<void>((resolve, reject) => {
      client.get('/api/echo').subscribe({ next: () => (duringAnswer = running()), complete: resolve, error: reject });
    });
    expect(duringAnswer).toBe(1);
    expect(running()).toBe(0);
  });

  it('lets the application become stable while a live stream is open', async () => {
    const { client, running } = counted();
    const hold = auth.server.hold('/api/events');
    const { events, unsubscribe } = record(eventStream(client, '/api/events?count=1'));
    await hold.arrived;
    expect(running()).toBe(1);
    hold.release();
    await expect.poll(() => events).toMatchObject([{ value: { data: '1' } }]);
    expect(running()).toBe(0);
    unsubscribe();
  });

  const verbs: readonly (readonly [string, (client: Client) => Observable<unknown>])[] = [
    ['GET', (client) => client.get('/public/echo')],
    ['DELETE', (client) => client.delete('/public/echo')],
    ['HEAD', (client) => client.head('/public/echo')],
    ['OPTIONS', (client) => client.options('/public/echo')],
    ['POST', (client) => client.post('/public/echo', { a: 1 })],
    ['PUT', (client) => client.put('/public/echo', { a: 1 })],
    ['PATCH', (client) => client.patch('/public/echo', { a: 1 })],
    ['POST', (client) => client.postForm('/public/echo', { a: 1 })],
    ['PUT', (client) => client.putForm('/public/echo', { a: 1 })],
    ['PATCH', (client) => client.patchForm('/public/echo', { a: 1 })],
    ['GET', (client) => client.request({ url: '/public/echo' })],
  ];
  it.each(verbs)('counts a request as pending by %s', async (method, send) => {
    const { client, running } = counted();
    const hold = auth.server.hold('/public/echo');
    const { outcome } = record(send(client));
    await hold.arrived;
    expect(running()).toBe(1);
    hold.release();
    expect(await outcome).toMatchObject({ kind: 'complete' });
    expect(auth.server.sent('/public/echo').map((request) => request.method)).toEqual([method]);
  });

  it('has as many methods as the test tries', () => {
    const { client } = counted();
    expect(verbs).toHaveLength(Object.keys(client).length);
  });
});

it('the session of an application is the one that its client uses', async () => {
  const { server } = auth;
  const injector = app([
    provideSession({ refresh: () => [server.login()], store: memoryStore(server.login()) }),
    provideClient({ baseURL: server.url }),
  ]);
  await injector.get(SESSION).signIn(server.login('bob'));
  expect(await firstValueFrom(injector.get(CLIENT).get('/api/echo'))).toMatchObject({ user: 'bob' });
});
