import axios, { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { createClient, InvalidInputError, RefreshFailedError, SessionChangedError, SessionExpiredError } from 'sluice';
import { eventStream, isReconnectable, lines, StreamFailedError, type StreamStatus, text } from 'sluice/streams';
import { EMPTY, NEVER, type ObservableInput, of } from 'rxjs';
import { testClient } from 'sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reconnectDelayMs } from '../../src/streams/reconnect.ts';
import { record } from '../support/recorder.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const config: InternalAxiosRequestConfig = { headers: new AxiosHeaders() };
const response = (status: number, headers: Record<string, string> = {}): AxiosResponse => ({
  status,
  statusText: '',
  headers: new AxiosHeaders(headers),
  config,
  data: '',
});
const answered = (status: number, headers?: Record<string, string>): AxiosError =>
  new AxiosError('failed', AxiosError.ERR_BAD_RESPONSE, config, undefined, response(status, headers));

describe('isReconnectable()', () => {
  it.each([
    [true, 'a lost connection', new AxiosError('lost', AxiosError.ERR_NETWORK)],
    [true, 'a connection that was reset', new AxiosError('reset', 'ECONNRESET')],
    [true, 'a body that broke off', new StreamFailedError('interrupted', '', undefined, new TypeError('terminated'))],
    [true, 'a lost connection as the cause of an error', new Error('', { cause: new AxiosError('', 'ECONNRESET') })],
    [false, 'an error of an interceptor', new ReferenceError('x is not defined')],
    [false, 'an error of another kind that axios has wrapped', AxiosError.from(new TypeError('no function'))],
    [false, 'a body that is longer than maxContentLength', new AxiosError('', AxiosError.ERR_BAD_RESPONSE)],
    [false, 'redirects without an end', new AxiosError('', AxiosError.ERR_FR_TOO_MANY_REDIRECTS)],
    [true, 'a stream that was silent', new StreamFailedError('silent', '')],
    [true, 'a response that never began', new StreamFailedError('no-response', '')],
    [true, 'a refresh that found the server away', new RefreshFailedError('unavailable')],
    [true, 'a refresh that took too long', new RefreshFailedError('timeout')],
    [
      true,
      'a refresh that the server refused for now, as the cause of an error',
      new Error('', { cause: new RefreshFailedError('unavailable', answered(500)) }),
    ],
    [
      false,
      'a session that is over, as the cause of an error, whatever its own cause is',
      new Error('', { cause: new SessionExpiredError('over', new AxiosError('lost', 'ECONNRESET')) }),
    ],
    [true, '503 with Retry-After', answered(503, { 'retry-after': '5' })],
    [true, '429 with Retry-After', answered(429, { 'retry-after': '5' })],
    [false, '503 without Retry-After', answered(503)],
    [false, '500 with Retry-After', answered(500, { 'retry-after': '5' })],
    [false, '401', answered(401)],
    [false, 'a response that is no event stream', new StreamFailedError('not-a-stream', '')],
    [false, 'a refresh that is configured wrongly', new RefreshFailedError('misconfigured')],
    [false, 'a session that is over', new SessionExpiredError()],
    [false, 'a session that changed its owner', new SessionChangedError()],
    [false, 'a request that was cancelled', new AxiosError('canceled', AxiosError.ERR_CANCELED)],
    [false, '404 that an interceptor has made an error of its own of', Object.assign(new Error(), { status: 404 })],
    [false, 'a 404 as the cause of an error', new Error('failed', { cause: answered(404) })],
    [
      true,
      '503 with Retry-After as the cause of an error',
      new Error('', { cause: answered(503, { 'retry-after': '5' }) }),
    ],
    [false, 'a body or a protocol that cannot be sent', new AxiosError('bad', AxiosError.ERR_BAD_REQUEST)],
    [false, 'a URL that is none', new AxiosError('bad', AxiosError.ERR_INVALID_URL)],
  ])('is %s for %s', (expected, _, error) => {
    expect(isReconnectable(error)).toBe(expected);
  });
});

describe('the wait before the next connection', () => {
  const lost = new AxiosError('lost', AxiosError.ERR_NETWORK);

  it('is the `retry` time of the server after the first failure', () => {
    expect(reconnectDelayMs(lost, 1, 3_000)).toBe(3_000);
  });

  it.each([
    [2, 3_000, 6_000],
    [3, 6_000, 12_000],
    [20, 15_000, 30_000],
  ])('is random after failure %i in a row, from %i to %i ms', (failures, least, most) => {
    const waits = Array.from({ length: 200 }, () => reconnectDelayMs(lost, failures, 3_000));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...waits)).toBeLessThanOrEqual(most);
    expect(new Set(waits).size).toBeGreaterThan(100);
  });

  it.each([
    [1, 0, 0],
    [2, 100, 200],
    [2_000, 15_000, 30_000],
  ])(
    'after failure %i in a row is between %i and %i ms when the `retry` time of the server is 0 ms',
    (failures, least, most) => {
      const wait = reconnectDelayMs(lost, failures, 0);
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThanOrEqual(most);
    },
  );

  it('may exceed thirty seconds when the `retry` time of the server is longer', () => {
    expect(reconnectDelayMs(lost, 1, 60_000)).toBe(60_000);
  });

  it('is no shorter than Retry-After', () => {
    expect(reconnectDelayMs(answered(503, { 'retry-after': '90' }), 1, 3_000)).toBe(90_000);
  });

  it('lasts until a failed refresh may be tried again', () => {
    expect(reconnectDelayMs(new RefreshFailedError('unavailable', undefined, Date.now() + 40_000), 1, 3_000)).toBe(
      40_000,
    );
  });

  it('is no longer than a timer can hold', () => {
    expect(reconnectDelayMs(answered(503, { 'retry-after': '99999999' }), 1, 3_000)).toBe(0x7fff_ffff);
  });
});

/** An observer of statuses, and the list of what it was given. */
function statuses(): { list: StreamStatus[]; statusObserver: { next: (status: StreamStatus) => void } } {
  const list: StreamStatus[] = [];
  return { list, statusObserver: { next: (status) => void list.push(status) } };
}

describe('an event stream', () => {
  it('fails with the error of an interceptor that throws, and does not connect again', async () => {
    const instance = axios.create({ baseURL: 'http://127.0.0.1' });
    instance.interceptors.request.use(() => {
      throw new ReferenceError('x is not defined');
    });
    const api = createClient({ axios: instance });
    const { list, statusObserver } = statuses();
    expect(await record(eventStream(api, '/', { statusObserver })).outcome).toMatchObject({
      kind: 'error',
      error: { name: 'ReferenceError' },
    });
    expect(list).toEqual([]);
  });

  it('connects again when no byte came for `idleTimeoutMs`; a comment counts as a sign of life', async () => {
    const { api, http } = testClient();
    const { list, statusObserver } = statuses();
    const recording = record(eventStream(api, '/', { idleTimeoutMs: 10_000, statusObserver }));
    const request = await http.next();
    request.events([]);
    await vi.advanceTimersByTimeAsync(9_000);
    request.events([':\n']);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(list).toEqual([{ type: 'open' }]);
    await vi.advanceTimersByTimeAsync(1);
    expect(list[1]).toMatchObject({ type: 'reconnecting', delayMs: 3_000, error: { reason: 'silent' } });
    expect(request.cancelled).toBe(true);
    await vi.advanceTimersByTimeAsync(3_000);
    http.expectOne('/');
    recording.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['a response that never begins', 'no-response', false],
    ['silence', 'silent', true],
  ])('notices %s also if the clock was set back by an hour meanwhile', async (_, reason, begins) => {
    const { api, http } = testClient();
    const limits = { responseTimeoutMs: 10_000, idleTimeoutMs: 10_000 };
    const recording = record(eventStream(api, '/', { reconnect: false, ...limits }));
    const request = await http.next();
    if (begins) request.events([]);
    await vi.advanceTimersByTimeAsync(5_000);
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(recording.settled).toMatchObject({ kind: 'error', error: { reason } });
  });

  it('does not take it for silence that the clock was set back while bytes arrive', async () => {
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/', { reconnect: false, idleTimeoutMs: 10_000 }));
    const request = await http.next();
    for (let i = 0; i < 8; i += 1) {
      request.events([':\n']);
      await vi.advanceTimersByTimeAsync(4_000);
      if (i === 2) vi.setSystemTime(Date.now() - 3_600_000);
    }
    expect(recording.settled).toBeUndefined();
    recording.unsubscribe();
  });

  it('fails when no response began within `responseTimeoutMs`, and aborts the request', async () => {
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/', { reconnect: false, responseTimeoutMs: 5_000 }));
    const request = await http.next();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(recording.settled).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(recording.settled).toMatchObject({ kind: 'error', error: { reason: 'no-response' } });
    expect(request.cancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts the failures in a row, and begins anew after an event', async () => {
    const { api, http } = testClient();
    const { list, statusObserver } = statuses();
    const recording = record(eventStream(api, '/', { statusObserver }));
    const first = await http.next();
    first.events([]);
    first.end();
    for (const longestWaitMs of [3_000, 6_000]) {
      await http.settled();
      await vi.advanceTimersByTimeAsync(longestWaitMs);
      http.expectOne('/').error();
    }
    await http.settled();
    await vi.advanceTimersByTimeAsync(12_000);
    const last = http.expectOne('/');
    last.events([{ data: 'a' }]);
    last.end();
    await http.settled();
    const failures = list.flatMap((status) => (status.type === 'reconnecting' ? [status.failures] : []));
    expect(failures).toEqual([1, 2, 3, 1]);
    expect(recording.values).toHaveLength(1);
    recording.unsubscribe();
  });

  it('leaves no timer and sends nothing when it is unsubscribed while it waits for the next connection', async () => {
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/'));
    const request = await http.next();
    request.events([]);
    request.end();
    await http.settled();
    await vi.advanceTimersByTimeAsync(1_000);
    recording.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    http.verify();
  });
});

describe('the decision of `reconnect`', () => {
  const connections = async (reconnect: (error: unknown) => boolean | ObservableInput<boolean>): Promise<number> => {
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/', { reconnect }));
    const request = await http.next();
    request.events([]);
    request.end();
    await vi.advanceTimersByTimeAsync(3_000);
    const count = 1 + http.match('/').length;
    if (count > 1) recording.unsubscribe();
    else expect((await recording.outcome).kind).toBe('error');
    return count;
  };

  it.each<[string, (error: unknown) => boolean | ObservableInput<boolean>, number]>([
    ['a promise of true', () => Promise.resolve(true), 2],
    ['an Observable of true', () => of(true, false), 2],
    ['a promise of false', () => Promise.resolve(false), 1],
    ['an Observable whose first value is false', () => of(false, true), 1],
    ['an empty Observable', () => EMPTY, 1],
    ['false', () => false, 1],
  ])('may be %s', async (_, reconnect, expected) => {
    expect(await connections(reconnect)).toBe(expected);
  });

  it('is not waited for any more once the signal is aborted', async () => {
    const { api, http } = testClient();
    const controller = new AbortController();
    const { list, statusObserver } = statuses();
    const { signal } = controller;
    const recording = record(eventStream(api, '/', { reconnect: () => NEVER, signal, statusObserver }));
    const request = await http.next();
    request.events([]);
    request.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(recording.settled).toBeUndefined();
    controller.abort();
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_CANCELED' } });
    // Nobody is told that the stream connects again.
    expect(list).toEqual([{ type: 'open' }]);
    http.verify();
  });
});

describe('an option that has no effect', () => {
  const { api } = testClient();
  it.each<[string, () => unknown, string]>([
    [
      'timeout',
      () => eventStream(api, '/', { timeout: 5 } as never),
      'eventStream() takes no timeout. It takes: parse, reconnect, lastEventId, statusObserver, responseTimeoutMs',
    ],
    ['responseType', () => text(api, '/', { responseType: 'json' } as never), 'text() takes no responseType'],
    ['schema', () => lines(api, '/', { schema: {} } as never), 'lines() takes no schema'],
    ['observe', () => lines(api, '/', { observe: 'events' } as never), 'lines() takes no observe'],
    [
      'reconnect of lines()',
      () => lines(api, '/', { reconnect: true } as never),
      'lines() takes no reconnect. It takes: responseTimeoutMs, idleTimeoutMs, data and other',
    ],
    ['body', () => eventStream(api, '/', { method: 'post', body: 'x' } as never), 'eventStream() takes no body'],
    ['parse of text()', () => text(api, '/', { parse: String } as never), 'text() takes no parse'],
  ])('is refused at the call: %s', (_, call, message) => {
    expect(call).toThrow(InvalidInputError);
    expect(call).toThrow(message);
  });

  it('may be undefined', () => {
    expect(() => lines(api, '/', { reconnect: undefined, timeout: undefined } as never)).not.toThrow();
  });

  it.each<[string, () => unknown, string]>([
    [
      'no client',
      () => lines(undefined as never, '/'),
      'lines() takes a client, as createClient() makes it; given: undefined',
    ],
    [
      'an axios instance',
      () => lines(axios.create() as never, '/'),
      'lines() takes a client, as createClient() makes it; given: a function',
    ],
    ['no url', () => text(api, undefined as never), 'needs a url: a string; given: undefined'],
    [
      'null as options',
      () => eventStream(api, '/', null as never),
      'eventStream() takes options, as an object; given: null',
    ],
    ['session: true', () => lines(api, '/', { session: true } as never), 'session takes false'],
    [
      'an AbortController',
      () => text(api, '/', { signal: new AbortController() as never }),
      'signal takes an AbortSignal',
    ],
  ])('other bad input is refused at the call, too: %s', (_, call, message) => {
    expect(call).toThrow(InvalidInputError);
    expect(call).toThrow(message);
  });
});
