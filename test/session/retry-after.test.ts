import { asyncScheduler } from 'rxjs';
import { RefreshFailedError } from 'sluice/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { retryAfterMs, refreshRetryDelay } from '../../src/session/backoff.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer } from './fixture.ts';

/** The wait by a clock that shows 1 January 1970, 0:00. */
const waitFor = (header: string): number | undefined =>
  marbles(() => retryAfterMs(answer(503, { 'retry-after': header })));

describe('retryAfterMs', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['no seconds', '0', 0],
    ['blanks about it', ' 3 ', 3_000],
    ['a fraction', '1.5', 1_500],
    ['35 days, unclamped', '3024000', 3_024_000_000],
    ['a date', 'Thu, 01 Jan 1970 00:00:07 GMT', 7_000],
    ['a date in the older form', 'Thursday, 01-Jan-70 00:00:07 GMT', 7_000],
    ['a date in the form of ISO 8601', '1970-01-01T00:00:07Z', 7_000],
    ['a date years ahead, unclamped', 'Fri, 01 Jan 1971 00:00:00 GMT', 365 * 24 * 3_600_000],
    ['a date that has passed', 'Wed, 31 Dec 1969 23:59:59 GMT', 0],
  ])('reads %s', (_title, header, expected) => {
    expect(waitFor(header)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '-1',
    '-1.5',
    '+5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '.',
    '1.2.3',
    '5, 10',
    '10 seconds',
    'in 5',
    'soon 10:30',
  ])('ignores what is neither seconds nor a date: %j', (header) => {
    expect(waitFor(header)).toBeUndefined();
  });

  it('ignores digits that are too large for a finite number', () => {
    expect(waitFor('9'.repeat(400))).toBeUndefined();
  });

  it('is undefined without the header', () => {
    for (const error of [undefined, null, 'x', new Error('x'), answer(503), { headers: { 'retry-after': 7 } }])
      expect(retryAfterMs(error)).toBeUndefined();
  });

  const headers = { 'Retry-After': '7' };
  it.each([
    ['an error', { headers }],
    ['its answer', { response: { headers } }],
    ['a fetch Response', new Response('', { status: 503, headers })],
    ['a Response as the cause, as oauth4webapi has it', new Error('x', { cause: new Response('', { headers }) })],
    ['a cause of the cause', new Error('x', { cause: new Error('y', { cause: { response: { headers } } }) })],
    ['the cause of a failure of a session', new RefreshFailedError('unavailable', { response: { headers } })],
  ])('reads the headers of %s', (_title, error) => {
    expect(retryAfterMs(error)).toBe(7_000);
  });

  it('ignores headers that are only on Object.prototype', () => {
    Object.assign(Object.prototype, { 'retry-after': '7' });
    const seen = retryAfterMs({ headers: {} });
    Reflect.deleteProperty(Object.prototype, 'retry-after');
    expect(seen).toBeUndefined();
  });
});

describe('refreshRetryDelay', () => {
  /** The delay before a retry in milliseconds of virtual time, or the error when there is none. */
  const waitOf = (error: unknown, options: Parameters<typeof refreshRetryDelay>[0] = {}): unknown =>
    marbles(({ flush }) => {
      const recording = record(refreshRetryDelay({ jitter: 0, ...options })(error, 1));
      flush();
      const outcome = recording.expectOneOutcome();
      return outcome.kind === 'error' ? outcome.error : asyncScheduler.now();
    });

  it.each(['-1', 'in 5', '10 seconds'])('waits as without a Retry-After when it is invalid: %s', (header) => {
    expect(waitOf(answer(503, { 'retry-after': header }))).toBe(500);
  });

  it('retries after a 503 that is the cause of another error, when its Retry-After says', () => {
    const cause = new Response('', { status: 503, headers: { 'Retry-After': '7' } });
    expect(waitOf(new Error('unexpected HTTP response status code', { cause }))).toBe(7_000);
  });

  it('does not retry after a failure of another session, which has retried already', () => {
    const error = new RefreshFailedError('unavailable', answer(503));
    expect(waitOf(error)).toBe(error);
  });

  describe('with a wait longer than a timer can hold, which would fire at once', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    it.each([
      ['by Retry-After', answer(503, { 'retry-after': '3024000' }), {}],
      ['by the backoff', answer(503), { initialDelayMs: 3_024_000_000 }],
    ])('does not retry: %s', (_title, error, options) => {
      vi.useFakeTimers();
      const recording = record(refreshRetryDelay({ jitter: 0, maxDelayMs: Infinity, ...options })(error, 1));
      expect(recording.settled).toEqual({ kind: 'error', error, values: [] });
    });
  });
});
