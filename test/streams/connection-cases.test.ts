import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'sluice';
import { eventStream, type StreamStatus } from 'sluice/streams';
import { firstValueFrom, lastValueFrom, type Observer, Subject, take, takeWhile, tap, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AdapterName, adapters, appOn, errorOf, flush } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import type { Reply } from '../support/reply.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { eventsReply, routeEvents } from './live-server.ts';
import { shows } from './standard-case.ts';

failOnUnhandled();
const auth = useAuthServer();
afterEach(() => void vi.useRealTimers());
const path = '/api/events';

/** What an `EventSource` does when it connects, by the web platform tests or the words of the standard. */
interface ConnectionCase {
  readonly id: string;
  readonly title: string;
  readonly run: (adapter: AdapterName) => Promise<void>;
}

const stream = { 'content-type': 'text/event-stream' };
const cases: readonly ConnectionCase[] = [
  { id: 'mime-ok', title: 'accepts a content type that ends with a semicolon', run: accepts('text/event-stream;') },
  {
    id: 'mime-charset',
    title: 'reads the body as UTF-8, whatever charset its content type names',
    run: accepts('text/event-stream;charset=windows-1252'),
  },
  failsAt('mime-bogus', 'a content type that is none', { headers: { 'content-type': 'x bogus' } }),
  failsAt('mime-other', 'another content type', { headers: { 'content-type': 'text/x-bogus' } }),
  failsAt('mime-missing', 'no content type', { body: undefined }),
  ...[204, 210, 299].map((status) => failsAt(`status-${status}`, `status ${status}`, { status, headers: stream })),
  ...[404, 410, 503].map((status) => ({
    id: `status-${status}`,
    title: `fails with the error of the server, without connecting again, at status ${status}`,
    run: failsWith(status),
  })),
  ...[302, 303, 307].map((status) => ({
    id: `redirect-${status}`,
    title: `follows a redirect by status ${status}`,
    run: follows(status),
  })),
  {
    id: 'cache-control',
    title: 'asks for no cached response over fetch, whose platform may have a cache',
    run: passesByCaches,
  },
  {
    id: 'network-error',
    title: 'connects again 3 seconds after its connection was refused',
    run: connectsAfterRefusal,
  },
  {
    id: 'end-200',
    title: 'connects again after an end without an event, and reports that to `statusObserver`',
    run: connectsAfterEmptyEnd,
  },
  {
    id: 'end-200-events',
    title: 'emits events and reports openings and ends to `statusObserver` in their order',
    run: tellsInOrder,
  },
  {
    id: 'reconnect-last-event-id',
    title: 'sends the last id as UTF-8 on each later connection, and keeps it for events without one',
    run: sendsLastId,
  },
  {
    id: 'reconnect-no-id',
    title: 'connects again without Last-Event-ID after an id with NULL',
    run: sendsNoIdAfter('id: x\0\nretry: 5\ndata: a\n\ndata: b\n\n'),
  },
  {
    id: 'reconnect-empty-id',
    title: 'connects again without Last-Event-ID after an emptied id',
    run: sendsNoIdAfter('id: 1\nretry: 5\ndata: a\n\nid\ndata: b\n\n'),
  },
  {
    id: 'retry-honoured',
    title: 'waits for the `retry` time of the server, written with a leading zero',
    run: waits3SecondsAfter('retry:03000\ndata:x\n\n'),
  },
  {
    id: 'retry-bogus',
    title: 'keeps its `retry` time when a later one is no number',
    run: waits3SecondsAfter('retry:3000\nretry:1000x\ndata:x\n\n'),
  },
  {
    id: 'cancel-before-open',
    title: 'closes its connection and emits nothing when it is unsubscribed before the response has begun',
    run: cancelsBeforeOpen,
  },
];

describe.each(adapters)('a connection for server-sent events, with the %s adapter,', (adapter) => {
  for (const { id, title, run } of cases) it(`${title} (${id})`, shows('connection', id), () => run(adapter));
});

it('all 24 connection cases have a test', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(24);
});

function accepts(type: string): ConnectionCase['run'] {
  return async (adapter) => {
    auth.server.route(path, (_request, closing) =>
      eventsReply({ parts: ['data: ä\n\n'] }, closing, { 'content-type': type }),
    );
    const { api } = appOn(auth.server, { adapter });
    expect(await firstValueFrom(eventStream(api, path))).toMatchObject({ data: 'ä' });
  };
}

function failsAt(id: string, what: string, reply: Reply): ConnectionCase {
  const run = async (adapter: AdapterName): Promise<void> => {
    auth.server.route(path, () => ({ body: 'data: a\n\n', ...reply }));
    const { api } = appOn(auth.server, { adapter });
    expect(await errorOf(eventStream(api, path))).toMatchObject({ code: 'stream-failed', reason: 'not-a-stream' });
    expect(auth.server.sent(path)).toHaveLength(1);
    await auth.server.idle();
  };
  return {
    id,
    title: `fails, without connecting again, at a response with ${what}, and frees the connection`,
    run,
  };
}

function failsWith(status: number): ConnectionCase['run'] {
  return async (adapter) => {
    auth.server.route(path, () => ({ status, headers: stream }));
    const { api } = appOn(auth.server, { adapter });
    expect(await errorOf(eventStream(api, path))).toMatchObject({ response: { status } });
    expect(auth.server.sent(path)).toHaveLength(1);
  };
}

function follows(status: number): ConnectionCase['run'] {
  return async (adapter) => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    auth.server.route('/api/moved', () => ({ status, headers: { location: path } }));
    const { api } = appOn(auth.server, { adapter });
    expect(await firstValueFrom(eventStream(api, '/api/moved'))).toMatchObject({ data: 'a' });
  };
}

async function passesByCaches(adapter: AdapterName): Promise<void> {
  const requests = routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
  const { api } = appOn(auth.server, { adapter });
  await firstValueFrom(eventStream(api, path));
  // `fetch` sends these headers by its mode `no-store`. Node's `http` has no cache that it could pass by.
  const sent = adapter === 'fetch' ? 'no-cache' : undefined;
  expect([requests[0]?.headers['cache-control'], requests[0]?.headers.pragma]).toEqual([sent, sent]);
}

/** The clock of RxJS alone: sockets use their own. */
function fakeIntervals(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
}

async function connectsAfterRefusal(adapter: AdapterName): Promise<void> {
  fakeIntervals();
  const port = await listening(createServer()).then(closed);
  const { log, statusObserver, reconnecting } = logged();
  const api = createClient({ baseURL: `http://127.0.0.1:${port}`, adapter });
  const first = firstValueFrom(eventStream(api, path, { statusObserver }));
  await reconnecting;
  expect(log).toEqual([{ type: 'reconnecting', failures: 1, delayMs: 3_000, error: anyError }]);

  let connections = 0;
  const server = createServer((_request, response) => {
    connections += 1;
    response.writeHead(200, stream).end('data: a\n\n');
  });
  await listening(server, port);
  try {
    await vi.advanceTimersByTimeAsync(2_999);
    expect(await fetch(`http://127.0.0.1:${port}`).then(({ status }) => [status, connections])).toEqual([200, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await first).toMatchObject({ data: 'a' });
    expect(connections).toBe(2);
  } finally {
    server.closeAllConnections();
    await closed(server);
  }
}

const anyError: unknown = expect.any(Error);

async function listening(server: Server, port = 0): Promise<Server> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}

/** The port that nobody listens at any more. */
async function closed(server: Server): Promise<number> {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An observer of statuses, the list of what it was given, and the first time that the stream waits for its next connection. */
function logged(): { log: unknown[]; statusObserver: Observer<StreamStatus>; reconnecting: Promise<unknown> } {
  const log: unknown[] = [];
  const status$ = new Subject<StreamStatus>();
  status$.subscribe((status) => log.push(status));
  // Not `expect.poll`, which moves fake timers.
  const reconnecting = lastValueFrom(status$.pipe(takeWhile(({ type }) => type !== 'reconnecting', true)));
  return { log, statusObserver: status$, reconnecting };
}

async function connectsAfterEmptyEnd(adapter: AdapterName): Promise<void> {
  routeEvents(auth.server, path, { parts: ['retry: 2\n'], ends: true }, { parts: ['data: ok\n\n'] });
  const { api } = appOn(auth.server, { adapter });
  const { log, statusObserver } = logged();
  expect(await firstValueFrom(eventStream(api, path, { statusObserver }))).toMatchObject({ data: 'ok' });
  expect(log).toEqual([{ type: 'open' }, { type: 'reconnecting', failures: 1, delayMs: 2 }, { type: 'open' }]);
}

async function tellsInOrder(adapter: AdapterName): Promise<void> {
  const parts = ['retry: 2\ndata: ok\n\n'];
  routeEvents(auth.server, path, { parts, ends: true }, { parts: ['data: again\n\n'], ends: true }, { parts });
  const { api } = appOn(auth.server, { adapter });
  const { log, statusObserver } = logged();
  const events$ = eventStream(api, path, { statusObserver });
  await lastValueFrom(
    events$.pipe(
      tap(({ data }) => log.push(data)),
      take(3),
    ),
  );
  const reconnecting = { type: 'reconnecting', failures: 1, delayMs: 2 };
  const open = { type: 'open' };
  expect(log).toEqual([open, 'ok', reconnecting, open, 'again', reconnecting, open, 'ok']);
}

async function sendsLastId(adapter: AdapterName): Promise<void> {
  const requests = routeEvents(
    auth.server,
    path,
    { parts: ['id: …\nretry: 20\ndata: a\n\n'], ends: true },
    { parts: ['data: b\n\n'], ends: true },
    { parts: ['data: c\n\n'] },
  );
  const { api } = appOn(auth.server, { adapter });
  const events = await lastValueFrom(eventStream(api, path).pipe(take(3), toArray()));
  expect(events.map(({ data, lastEventId }) => [data, lastEventId])).toEqual([
    ['a', '…'],
    ['b', '…'],
    ['c', '…'],
  ]);
  const ids = requests.map(({ headers }) => headers['last-event-id']);
  expect(ids.map((id) => id && Buffer.from(String(id), 'latin1').toString())).toEqual([undefined, '…', '…']);
}

function sendsNoIdAfter(text: string): ConnectionCase['run'] {
  return async (adapter) => {
    const requests = routeEvents(auth.server, path, { parts: [text], ends: true }, { parts: ['data: c\n\n'] });
    const { api } = appOn(auth.server, { adapter });
    await lastValueFrom(eventStream(api, path).pipe(take(3)));
    expect(requests[1]?.headers).not.toHaveProperty('last-event-id');
  };
}

function waits3SecondsAfter(text: string): ConnectionCase['run'] {
  return async (adapter) => {
    fakeIntervals();
    routeEvents(auth.server, path, { parts: [text], ends: true });
    const { api } = appOn(auth.server, { adapter });
    const { log, statusObserver, reconnecting } = logged();
    const recording = record(eventStream(api, path, { statusObserver }));
    await reconnecting;
    expect(log).toEqual([{ type: 'open' }, { type: 'reconnecting', failures: 1, delayMs: 3_000 }]);
    await vi.advanceTimersByTimeAsync(2_999);
    await flush(auth.server);
    expect(auth.server.sent(path)).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    await auth.server.arrived(path, 2);
    recording.unsubscribe();
  };
}

async function cancelsBeforeOpen(adapter: AdapterName): Promise<void> {
  routeEvents(auth.server, path, { parts: ['retry: 1\ndata: a\n\n'], ends: true });
  const hold = auth.server.hold(path, { when: 'after' });
  const { api } = appOn(auth.server, { adapter });
  const { log, statusObserver } = logged();
  const recording = record(eventStream(api, path, { statusObserver }));
  await hold.arrived;
  recording.unsubscribe();
  await auth.server.closed(path, 1);
  hold.release();
  await flush(auth.server);
  expect([log, recording.events]).toEqual([[], []]);
  expect(auth.server.sent(path)).toHaveLength(1);
}
