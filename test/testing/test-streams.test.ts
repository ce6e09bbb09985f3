import { getEventListeners } from 'node:events';
import { InvalidInputError } from 'sluice';
import { eventStream, lines, type ServerSentEvent, text } from 'sluice/streams';
import { type SentEvent, testClient, testSession } from 'sluice/testing';
import { count, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const data = (events: readonly ServerSentEvent[]): string[] => events.map((event) => event.data);

describe('events() of a test request', () => {
  it('sends server-sent events to eventStream(), with name, id and data', async () => {
    const { api, http } = testClient();
    const seen = firstValueFrom(eventStream(api, '/prices').pipe(take(3), toArray()));
    const request = await http.next('GET /prices');
    expect(request.config.headers.get('Accept')).toBe('text/event-stream');
    request.events([{ data: 'one\ntwo', event: 'price', id: '7' }]);
    request.events([{ data: { euro: 3 } }, { data: '' }]);
    expect(await seen).toEqual([
      { type: 'price', data: 'one\ntwo', lastEventId: '7' },
      { type: 'message', data: '{"euro":3}', lastEventId: '7' },
      { type: 'message', data: '', lastEventId: '7' },
    ]);
    await http.settled();
    expect(request.cancelled).toBe(true);
  });

  it('reaches a reader that pauses under fake timers, also where there is no MessageChannel, as in jsdom', async () => {
    vi.stubGlobal('MessageChannel', undefined);
    vi.useFakeTimers();
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/prices'));
    const request = await http.next();
    request.events([]);
    await vi.advanceTimersByTimeAsync(1_000);
    request.events(['data: 1\n\ndata: 2\n\ndata: 3\n\n', { data: '4' }]);
    await http.settled();
    expect(data(recording.values)).toEqual(['1', '2', '3', '4']);
    recording.unsubscribe();
  });

  it('delivers many parts in time that is linear in their number', async () => {
    const { api, http } = testClient();
    const seen = lastValueFrom(lines(api, '/rows').pipe(count()));
    const request = await http.next();
    let moved = 0;
    const original = Object.getOwnPropertyDescriptor(Array.prototype, 'shift')?.value as () => unknown;
    const spy = vi.spyOn(Array.prototype, 'shift').mockImplementation(function (this: unknown[]) {
      moved += this.length;
      return original.call(this);
    });
    try {
      request.chunks(Array.from({ length: 3_000 }, (_, row) => `${row}\n`));
      request.end();
      expect(await seen).toBe(3_000);
    } finally {
      spy.mockRestore();
    }
    expect(moved).toBeLessThan(30_000);
  });

  it('sends raw text and bytes as they are, cut where the test cuts them', async () => {
    const { api, http } = testClient();
    const seen = firstValueFrom(eventStream(api, '/prices').pipe(take(2), toArray()));
    const [start, end] = [new TextEncoder().encode('data: ä').subarray(0, 7), new Uint8Array([0xa4])];
    const parts: SentEvent[] = [': comment\n\nda', 'ta: 1\n', '\n', start, end, '\n\n'];
    (await http.next()).events(parts);
    expect(data(await seen)).toEqual(['1', 'ä']);
  });

  it('lets the client connect again after end(), with the last id and after the `retry` of the server', async () => {
    vi.useFakeTimers();
    const { api, http } = testClient();
    const seen = record(eventStream(api, '/prices'));
    const first = await http.next('/prices');
    first.events([{ data: 'a', id: '1', retry: 50 }]);
    await http.settled();
    first.end();
    await http.settled();
    await vi.advanceTimersByTimeAsync(49);
    http.expectNone('/prices');
    await vi.advanceTimersByTimeAsync(1);
    const second = await http.next('/prices');
    expect([second.attempt, second.config.headers.get('Last-Event-ID')]).toEqual([1, '1']);
    second.events([{ data: 'b' }]);
    await http.settled();
    expect(data(seen.values)).toEqual(['a', 'b']);
    seen.unsubscribe();
    expect([first.cancelled, second.cancelled]).toEqual([false, true]);
    expect(() => second.events([{ data: 'c' }])).toThrow('events(): GET /prices has been cancelled by the client.');
  });

  it('a stream survives the expiry of its token', async () => {
    vi.useFakeTimers();
    const { session, nextRefresh } = testSession();
    const { api, http } = testClient({ session });
    const seen = record(eventStream(api, '/prices'));
    const first = await http.next('/prices');
    first.events([{ data: 'a', retry: 10 }]);
    await http.settled();
    first.error();
    await http.settled();
    await vi.advanceTimersByTimeAsync(10);
    const refused = await http.next('/prices');
    refused.flush('no', { status: 401 });
    (await nextRefresh()).succeed();
    const again = await http.next('/prices');
    expect([refused.attempt, again.attempt, again.config.headers.get('Authorization')]).toEqual([
      1,
      2,
      'Bearer access-2',
    ]);
    again.events([{ data: 'b' }]);
    await http.settled();
    expect(data(seen.values)).toEqual(['a', 'b']);
    await session.signOut();
    expect(seen.settled).toMatchObject({ kind: 'error', error: { name: 'SessionChangedError' } });
    expect([refused.cancelled, again.cancelled]).toEqual([false, true]);
  });

  it('has the status and headers that the test gives', async () => {
    const { api, http } = testClient();
    const seen = record(eventStream(api, '/prices', { reconnect: false }));
    (await http.next()).events([], { headers: { 'Content-Type': 'text/html' } });
    expect(await seen.outcome).toMatchObject({ error: { reason: 'not-a-stream' } });
    const other = record(eventStream(api, '/prices', { reconnect: false }));
    (await http.next()).events([], { status: 500 });
    expect(await other.outcome).toMatchObject({ error: { response: { status: 500 } } });
  });

  it('settled() waits for a reader that lets other tasks run in between', async () => {
    const { api, http } = testClient();
    let seen = 0;
    eventStream(api, '/prices').subscribe(() => {
      seen += 1;
      // Block for longer than the reader works in one turn of the event loop, so that it lets other tasks run in between.
      for (const start = performance.now(); performance.now() - start < 9;);
    });
    (await http.next()).events(Array.from({ length: 15 }, () => ({ data: 'x' })));
    await http.settled();
    expect(seen).toBe(15);
  });

  it('throws for a request that expects no stream', async () => {
    const { api, http } = testClient();
    api.get('/users').subscribe();
    const request = await http.next();
    expect(() => request.events([])).toThrow("events(): GET /users asks for no stream (`responseType: 'stream'`).");
    expect(() => request.end()).toThrow('end(): GET /users has no response yet.');
  });
});

describe('what a test sends in a stream', () => {
  const event = 'an object such as { data }, a string or a Uint8Array';
  const chunk = 'a string or a Uint8Array';
  it.for([
    ['text', 'events takes a list of events; given: a string.'],
    [undefined, 'events takes a list of events; given: undefined.'],
    [[5], `events[0] takes ${event}; given: 5.`],
    [[{ data: 1 }, undefined], `events[1] takes ${event}; given: undefined.`],
    [[null], `events[0] takes ${event}; given: null.`],
    [[['data: 1']], `events[0] takes ${event}; given: an array.`],
    [[new ArrayBuffer(1)], `events[0] takes ${event}; given: an object.`],
    [[new Uint16Array(1)], `events[0] takes ${event}; given: an object.`],
    [[{ dta: 'x' }], 'events[0] knows no dta. It takes: data, event, id, retry.'],
    [[{ id: 'a\nb' }], 'events[0]: id takes a string without a line end; given: "a\\nb".'],
    [[{ event: 'a\r' }], 'events[0]: event takes a string without a line end; given: "a\\r".'],
    [[{ id: 5 }], 'events[0]: id takes a string; given: 5.'],
    [[{ retry: -1 }], 'events[0]: retry takes milliseconds, a whole number, 0 or more; given: -1.'],
  ] as const)('events(%o) throws %s, and the request stays open', async ([events, message]) => {
    const { api, http } = testClient();
    const seen = firstValueFrom(eventStream(api, '/prices'));
    const request = await http.next();
    expect(thrownBy(() => request.events(events as never))).toEqual(new InvalidInputError(`events(): ${message}`));
    request.events([{ data: 'a', event: 'b', id: '', retry: 0 }]);
    expect(await seen).toMatchObject({ type: 'b', data: 'a' });
  });

  it.for([
    ['abc', 'chunks takes a list of strings and Uint8Arrays; given: a string.'],
    [new Uint8Array(1), 'chunks takes a list of strings and Uint8Arrays; given: an object.'],
    [[5], `chunks[0] takes ${chunk}; given: 5.`],
    [['a', undefined], `chunks[1] takes ${chunk}; given: undefined.`],
    [[new DataView(new ArrayBuffer(1))], `chunks[0] takes ${chunk}; given: an object.`],
  ] as const)('chunks(%o) throws %s, and the request stays open', async ([chunks, message]) => {
    const { api, http } = testClient();
    const seen = firstValueFrom(text(api, '/words'));
    const request = await http.next();
    expect(thrownBy(() => request.chunks(chunks as never))).toEqual(new InvalidInputError(`chunks(): ${message}`));
    request.chunks([new Uint8Array([97])]);
    expect(await seen).toBe('a');
  });
});

/** What the call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('chunks() of a test request', () => {
  it('sends lines and text', async () => {
    const { api, http } = testClient();
    const rows = firstValueFrom(lines(api, '/rows').pipe(toArray()));
    const request = await http.next('/rows');
    request.chunks(['{"n":1}\n{"n"', ':2}\n'], { headers: { 'content-type': 'application/x-ndjson' } });
    expect(request.streaming).toBe(true);
    expect(() => request.flush('late')).toThrow('flush(): GET /rows has begun to be answered already.');
    request.end();
    expect(await rows).toEqual([{ n: 1 }, { n: 2 }]);

    const words = firstValueFrom(text(api, '/words').pipe(toArray()));
    (await http.next('/words')).flush('all at once');
    expect((await words).join('')).toBe('all at once');
  });

  it('an empty body has ended, although nobody reads it', async () => {
    const { api, http } = testClient();
    const { signal } = new AbortController();
    const seen = record(api.get('/empty', { responseType: 'stream', observe: 'response', signal }));
    (await http.next('/empty')).flush(null);
    await seen.outcome;
    await http.settled();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('a connection that breaks fails the stream with a network error', async () => {
    const { api, http } = testClient();
    const seen = record(text(api, '/words'));
    const request = await http.next('/words');
    request.chunks(['half']);
    await http.settled();
    request.error();
    expect(await seen.outcome).toMatchObject({ kind: 'error', values: ['half'], error: { code: 'ERR_NETWORK' } });
  });
});
