import { asyncScheduler } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { refreshRetryDelay } from '../../src/session/backoff.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer } from './fixture.ts';

/** The delay before a retry in milliseconds, or the error when there is none. */
function waitOf(
  error: unknown,
  attempt = 1,
  options: Parameters<typeof refreshRetryDelay>[0] = { jitter: 0 },
): unknown {
  return marbles(({ flush }) => {
    const recording = record(refreshRetryDelay(options)(error, attempt));
    flush();
    const outcome = recording.expectOneOutcome();
    return outcome.kind === 'error' ? outcome.error : asyncScheduler.now();
  });
}

describe('refreshRetryDelay', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([429, 500, 502, 503, 504, 599])('retries after %i', (status) => {
    expect(waitOf(answer(status))).toBe(500);
  });

  it.each([302, 400, 401, 403, 404, 408, 425, 428])('does not retry after %i, even with Retry-After', (status) => {
    const error = answer(status, { 'retry-after': '1' });
    expect(waitOf(error)).toBe(error);
  });

  it.each([new TypeError('Failed to fetch'), undefined, null, 'text', { status: 0 }])(
    'does not retry without a response: %s',
    (error) => {
      expect(waitOf(error)).toBe(error);
    },
  );

  it('doubles the delay each time, up to the maximum', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => waitOf(answer(503), attempt));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(waitOf(answer(503), 3, { initialDelayMs: 10, maxDelayMs: 25, jitter: 0 })).toBe(25);
  });

  it('subtracts a random share from the delay', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(waitOf(answer(503), 1, {})).toBe(375);
    expect(waitOf(answer(503), 1, { jitter: 1 })).toBe(250);
    random.mockReturnValue(0);
    expect(waitOf(answer(503), 1, { jitter: 1 })).toBe(500);
  });

  it('honours Retry-After in seconds, without jitter', () => {
    expect(waitOf(answer(503, { 'retry-after': '3' }), 1, {})).toBe(3_000);
    expect(waitOf(answer(429, { 'retry-after': ' 0 ' }), 1, {})).toBe(0);
    expect(waitOf(answer(429, { 'retry-after': '1.5' }), 1, {})).toBe(1_500);
  });

  it.each(['Thu, 01 Jan 1970 00:00:07 GMT', 'Thu, 01 Jan 1970 00:00:07 +0000', '01 Jan 1970 00:00:07 GMT'])(
    'honours Retry-After as a date, relative to the clock: %s',
    (date) => {
      expect(waitOf(answer(503, { 'retry-after': date }))).toBe(7_000);
    },
  );

  it('retries at once after a date that has passed', () => {
    vi.useFakeTimers({ now: 1_000_000_000_000 });
    try {
      const recording = record(
        refreshRetryDelay({})(answer(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' }), 1),
      );
      vi.advanceTimersByTime(0);
      expect(recording.settled?.kind).toBe('complete');
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not retry when Retry-After is longer than the maximum delay', () => {
    const error = answer(503, { 'retry-after': '11' });
    expect(waitOf(error)).toBe(error);
    expect(waitOf(answer(503, { 'retry-after': '10' }))).toBe(10_000);
    expect(waitOf(error, 1, { maxDelayMs: 11_000 })).toBe(11_000);
  });

  it.each(['soon', '', 'NaN'])('ignores an invalid Retry-After: %j', (header) => {
    expect(waitOf(answer(503, { 'retry-after': header }))).toBe(500);
  });

  it('calls nothing before it is subscribed to', () => {
    marbles(({ flush }) => {
      void refreshRetryDelay({})(answer(503), 1);
      flush();
      expect(asyncScheduler.now()).toBe(0);
    });
  });
});
