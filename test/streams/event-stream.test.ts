import { Readable } from 'node:stream';
import axios, { AxiosError } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { eventStream, type StreamStatus } from 'sluice/streams';
import { createClient } from 'sluice';
import { filter, firstValueFrom, lastValueFrom, Subject, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { eventsReply, routeEvents } from './live-server.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/events';

describe.each(adapters)('an event stream, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('gives events as they come, and closes the connection when it is unsubscribed', async () => {
    const requests = routeEvents(auth.server, path, { parts: ['event: price\nid: 1\ndata: 5\n\n', 'data: 6\n\n'] });
    const { api } = app();
    const recording = record(eventStream(api, path).pipe(take(2)));
    expect(await recording.outcome).toMatchObject({
      kind: 'complete',
      values: [
        { type: 'price', data: '5', lastEventId: '1' },
        { type: 'message', data: '6', lastEventId: '1' },
      ],
    });
    await auth.server.closed(path, 1);
    expect(requests[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: expect.stringMatching('Bearer '),
    });
    expect(requests[0]?.headers).not.toHaveProperty('last-event-id');
  });

  it('sends nothing when it is unsubscribed at once', async () => {
    const { api } = app();
    eventStream(api, path).subscribe().unsubscribe();
    await fetch(`${auth.server.url}/public/flush`);
    expect(auth.server.sent(path)).toEqual([]);
  });

  it('makes a request for each subscription', async () => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    const { api } = app();
    const events$ = eventStream(api, path);
    await firstValueFrom(events$);
    await firstValueFrom(events$);
    expect(auth.server.sent(path)).toHaveLength(2);
  });

  it('connects again without Last-Event-ID after an id whose event was never finished', async () => {
    const text = 'retry: 5\ndata: a\n\ndata: b\n\nid: 9\n';
    const requests = routeEvents(auth.server, path, { parts: [text], ends: true }, { parts: ['data: c\n\n'] });
    const { api } = app();
    await lastValueFrom(eventStream(api, path).pipe(take(3)));
    expect(requests[1]?.headers).not.toHaveProperty('last-event-id');
  });

  it('connects again when the connection breaks, and drops the event that was not finished', async () => {
    let connections = 0;
    auth.server.route(path, (_request, closing) => {
      connections += 1;
      if (connections > 1) return eventsReply({ parts: ['data: b\n\n'] }, closing);
      const body = 'retry: 5\ndata: a\n\n'.padEnd(60, ':') + '\ndata: lost'.padEnd(60, '!');
      return { headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(body), fault: 'half-body' };
    });
    const { api } = app();
    const events = await lastValueFrom(eventStream(api, path).pipe(take(2), toArray()));
    expect(events.map(({ data }) => data)).toEqual(['a', 'b']);
  });

  it('refreshes a dead token on the first connection, and closes the response that refused it', async () => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    const { api } = app();
    auth.server.expireAccess();
    expect(await firstValueFrom(eventStream(api, path))).toMatchObject({ data: 'a' });
    expect(auth.server.sent(path)).toHaveLength(2);
    expect(auth.server.refreshes).toHaveLength(1);
    await auth.server.closed(path, 1);
    await auth.server.idle();
  });

  it('goes on after its token has died, without losing or doubling an event', async () => {
    auth.server.route(path, (request, closing) => {
      const after = Number(request.headers['last-event-id'] ?? 0);
      const events = [1, 2, 3].map((n) => `id: ${after + n}\nretry: 1\ndata: ${after + n}\n\n`);
      auth.server.expireAccess();
      return eventsReply({ parts: [events.join('')], ends: true }, closing);
    });
    const { api } = appOn(auth.server, { adapter, sessionOptions: { minRefreshIntervalMs: 0 } });
    const events = await lastValueFrom(eventStream(api, path, { parse: Number }).pipe(take(10), toArray()));
    expect(events.map(({ data }) => data)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(auth.server.reuse).toEqual([]);
    expect(auth.server.refreshes).toHaveLength(3);
  });

  it('fails with the 401 when the new token is refused, too', async () => {
    auth.server.route(path, () => ({ status: 401 }));
    const { api } = app();
    expect(await errorOf(eventStream(api, path))).toMatchObject({ response: { status: 401 } });
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('shares one refresh with nineteen others', async () => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    const { api } = app();
    auth.server.expireAccess();
    const recordings = Array.from({ length: 20 }, () => record(eventStream(api, path).pipe(take(1))));
    await Promise.all(recordings.map(({ outcome }) => outcome));
    expect(auth.server.refreshes).toHaveLength(1);
    await auth.server.closed(path, 20);
    await auth.server.idle();
  });

  it.each([
    ['signs out', 'SessionChangedError'],
    ['signs in as somebody else', 'SessionChangedError'],
    ['is disposed of', 'SessionChangedError'],
  ])('ends with its connection when the session %s', async (what, name) => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    const { api, session } = app();
    const recording = record(eventStream(api, path));
    await auth.server.arrived(path, 1);
    await expect.poll(() => recording.values).toHaveLength(1);
    if (what === 'is disposed of') session.dispose();
    else if (what === 'signs out') void session.signOut();
    else void session.signIn(auth.server.login('bob'));
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: { name } });
    await auth.server.closed(path, 1);
    expect(auth.server.sent(path)).toHaveLength(1);
  });

  it('ends between two connections when somebody else signs in', async () => {
    routeEvents(auth.server, path, { parts: ['retry: 3600000\ndata: a\n\n'], ends: true });
    const { api, session } = app();
    const status$ = new Subject<StreamStatus>();
    const reconnecting = firstValueFrom(status$.pipe(filter(({ type }) => type === 'reconnecting')));
    const recording = record(eventStream(api, path, { statusObserver: status$ }));
    await reconnecting;
    void session.signIn(auth.server.login('bob'));
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: { name: 'SessionChangedError' } });
    expect(auth.server.sent(path)).toHaveLength(1);
  });

  it("ends with the caller's signal", async () => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'] });
    const { api } = app();
    const controller = new AbortController();
    const recording = record(eventStream(api, path, { signal: controller.signal }));
    await expect.poll(() => recording.values).toHaveLength(1);
    controller.abort();
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_CANCELED' } });
    await auth.server.closed(path, 1);
  });

  it('fails with the error of the server, without connecting again, at status 500', async () => {
    auth.server.route(path, () => ({ status: 500, headers: { 'content-type': 'text/event-stream' } }));
    const { api } = app();
    expect(await errorOf(eventStream(api, path))).toMatchObject({ response: { status: 500 } });
    expect(auth.server.sent(path)).toHaveLength(1);
  });

  it.each([429, 503])(
    'waits for the Retry-After of a response with status %i before it connects again, and frees its connection',
    async (status) => {
      let connections = 0;
      auth.server.route(path, (_request, closing) => {
        connections += 1;
        if (connections === 2)
          return { status, headers: { 'retry-after': '0.3' }, body: eventsReply({ parts: [] }, closing).body };
        return eventsReply({ parts: ['retry: 1\ndata: a\n\n'], ends: connections === 1 }, closing);
      });
      const { api } = app();
      const delays: number[] = [];
      const statusObserver = {
        next: (now: StreamStatus) => {
          if (now.type === 'reconnecting') delays.push(now.delayMs);
        },
      };
      await lastValueFrom(eventStream(api, path, { statusObserver }).pipe(take(2)));
      expect(delays).toEqual([1, 300]);
      await auth.server.closed(path, 2);
    },
  );

  it('accepts a content type in capitals, with a space before its parameter', async () => {
    auth.server.route(path, (_request, closing) =>
      eventsReply({ parts: ['data: a\n\n'] }, closing, { 'content-type': 'Text/Event-Stream ; charset=utf-8' }),
    );
    const { api } = app();
    expect(await firstValueFrom(eventStream(api, path))).toMatchObject({ data: 'a' });
  });

  it('sends a POST with its body, again after a refresh but not after its end', async () => {
    routeEvents(auth.server, path, { parts: ['data: a\n\n'], ends: true });
    const { api } = app();
    auth.server.expireAccess();
    const options = { method: 'post', data: { question: 'why?' } };
    const recording = record(eventStream(api, path, options));
    expect(await recording.outcome).toMatchObject({ kind: 'complete', values: [{ data: 'a' }] });
    expect(auth.server.sent(path).map(({ method, body }) => [method, body.toString()])).toEqual([
      ['POST', '{"question":"why?"}'],
      ['POST', '{"question":"why?"}'],
    ]);
  });

  it('fails, and does not connect again with an empty body, when the body is a stream that was sent', async () => {
    routeEvents(auth.server, path, { parts: ['retry: 1\ndata: a\n\n'], ends: true });
    const { api } = app();
    const options = { method: 'post', data: Readable.from([Buffer.from('why?')]), reconnect: true };
    expect(await errorOf(eventStream(api, path, options))).toMatchObject({ code: 'body-used' });
    expect(auth.server.sent(path).map(({ body }) => body.toString())).toEqual(['why?']);
  });

  it('calls a body factory again for each connection', async () => {
    routeEvents(auth.server, path, { parts: ['retry: 1\ndata: a\n\n'], ends: true });
    const { api } = app();
    const options = { method: 'post', data: () => Readable.from([Buffer.from('why?')]), reconnect: true };
    await lastValueFrom(eventStream(api, path, options).pipe(take(2)));
    expect(auth.server.sent(path).map(({ body }) => body.toString())).toEqual(['why?', 'why?']);
  });

  it('is not ended by the timeout of its client', async () => {
    auth.server.route(path, (_request, closing) => ({
      headers: { 'content-type': 'text/event-stream' },
      body: (async function* () {
        yield 'data: a\n\n';
        await new Promise((resolve) => setTimeout(resolve, 120));
        yield* eventsReply({ parts: ['data: b\n\n'] }, closing).body as AsyncIterable<string>;
      })(),
    }));
    const { api } = appOn(auth.server, { adapter, timeout: 50 });
    expect(await lastValueFrom(eventStream(api, path).pipe(take(2)))).toMatchObject({ data: 'b' });
  });

  it('fails at the `maxContentLength` of its client, unless its own options lift the limit', async () => {
    const long = `data: ${'x'.repeat(400)}\n\n`;
    routeEvents(auth.server, path, { parts: [`${long}data: b\n\n`] });
    const { api } = appOn(auth.server, { adapter, maxContentLength: 200 });
    // Also by default: to connect again would reach the limit again.
    expect(await errorOf(eventStream(api, path))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    const events$ = eventStream(api, path, { reconnect: false, maxContentLength: -1 });
    expect(await lastValueFrom(events$.pipe(take(2)))).toMatchObject({ data: 'b' });
  });
});

describe('an event stream', () => {
  it('that was opened while an empty store was being read goes on when somebody signs in, and ends when they sign out', async () => {
    const read = new Subject<null>();
    auth.server.route('/public/events', (_request, closing) => eventsReply({ parts: ['data: a\n\n'] }, closing));
    const { api, session } = appOn(auth.server, {
      sessionOptions: { store: { get: () => firstValueFrom(read), set: () => undefined } },
    });
    const recording = record(eventStream(api, '/public/events'));
    expect(session.state.status).toBe('restoring');
    read.next(null);
    await expect.poll(() => recording.values).toHaveLength(1);
    await session.signIn(auth.server.login());
    expect(recording.settled).toBeUndefined();
    await session.signOut();
    expect(recording.settled).toMatchObject({ kind: 'error', error: { name: 'SessionChangedError' } });
    await auth.server.closed('/public/events', 1);
  });

  it('needs no session', async () => {
    auth.server.route('/public/events', (_request, closing) => eventsReply({ parts: ['data: a\n\n'] }, closing));
    const api = createClient({ baseURL: auth.server.url });
    expect(await firstValueFrom(eventStream(api, '/public/events'))).toMatchObject({ data: 'a' });
  });

  it('accepts the content type of a mock whose headers have the name `Content-Type` in capitals', async () => {
    const instance = axios.create({ baseURL: auth.server.url });
    new MockAdapter(instance).onGet(path).reply(200, 'data: a\n\n', { 'Content-Type': 'text/event-stream' });
    expect(await firstValueFrom(eventStream(createClient({ axios: instance }), path))).toMatchObject({ data: 'a' });
  });

  it('fails when an interceptor has replaced the stream by an object', async () => {
    auth.server.route('/public/events', (_request, closing) => eventsReply({ parts: ['data: a\n\n'] }, closing));
    const instance = axios.create({ baseURL: auth.server.url });
    instance.interceptors.response.use((response) => ({ ...response, data: { ok: true } }));
    const api = createClient({ axios: instance });
    expect(await errorOf(eventStream(api, '/public/events'))).toMatchObject({ reason: 'not-a-stream' });
  });

  it('sends an id of any length, so that the server can refuse it', async () => {
    let sent = '';
    const api = createClient({
      baseURL: 'https://api.example.com',
      adapter: (config) => {
        sent = String(config.headers.get('Last-Event-ID'));
        return Promise.reject(new AxiosError('too long', 'ERR_BAD_REQUEST', config));
      },
    });
    await errorOf(eventStream(api, path, { lastEventId: 'x'.repeat(300_000) }));
    expect(sent).toHaveLength(300_000);
  });

  it('fails with the error that `parse` throws, and does not connect again', async () => {
    routeEvents(auth.server, path, { parts: ['data: {\n\n'] });
    const { api } = appOn(auth.server);
    expect(await errorOf(eventStream(api, path, { parse: JSON.parse }))).toBeInstanceOf(SyntaxError);
    await auth.server.closed(path, 1);
    expect(auth.server.sent(path)).toHaveLength(1);
  });

  it('loses no event when a slow subscriber needs longer than `idleTimeoutMs` for the events that have arrived', async () => {
    auth.server.route(path, (request, closing) => {
      const after = Number(request.headers['last-event-id'] ?? 0);
      const events = Array.from({ length: 20 }, (_, i) => `id: ${after + i + 1}\nretry: 1\ndata: ${after + i + 1}\n\n`);
      return eventsReply({ parts: [events.join('')] }, closing);
    });
    const { api } = appOn(auth.server);
    const parse = (data: string): number => {
      for (const end = performance.now() + 12; performance.now() < end;);
      return Number(data);
    };
    const events = await lastValueFrom(eventStream(api, path, { idleTimeoutMs: 100, parse }).pipe(take(20), toArray()));
    expect(events.map(({ data }) => data)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('calls `reconnect` with the error, and fails with that error if it returns false', async () => {
    auth.server.route(path, () => ({ status: 502 }));
    const { api } = appOn(auth.server);
    const asked: unknown[] = [];
    const reconnect = (error: unknown): boolean => asked.push(error) < 1;
    expect(await errorOf(eventStream(api, path, { reconnect }))).toBe(asked[0]);
  });

  it.each([
    [{ parse: 'json' }, /parse takes a function; given: a string/],
    [{ reconnect: 5 }, /reconnect takes a boolean, or a function of the error; given: 5/],
    [{ lastEventId: 7 }, /lastEventId takes a string; given: 7/],
    [{ statusObserver: () => undefined }, /statusObserver takes an observer with `next`; given: a function/],
    [
      { idleTimeout: 5 },
      /eventStream\(\) takes no idleTimeout. It takes: parse, reconnect, lastEventId, statusObserver, responseTimeoutMs, idleTimeoutMs, data and/,
    ],
    [{ responseTimeoutMS: 5 }, /eventStream\(\) takes no responseTimeoutMS/],
    [{ lastEventID: '5' }, /eventStream\(\) takes no lastEventID/],
    [{ idleTimeoutMs: 0 }, /idleTimeoutMs takes milliseconds, above 0, or Infinity; given: 0/],
    [{ responseTimeoutMs: '5' }, /responseTimeoutMs takes milliseconds, above 0, or Infinity; given: a string/],
  ])('refuses %j at the call', (options, message) => {
    const { api } = appOn(auth.server);
    expect(() => eventStream(api, path, options as object)).toThrow(message);
  });
});
