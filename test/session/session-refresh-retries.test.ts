import { asyncScheduler, of, throwError } from 'rxjs';
import { SessionExpiredError, type SessionOptions } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer, refusal, setUp, tokensOf } from './fixture.ts';

describe('a refresh after a response that says try later', () => {
  const retrying = (errors: Error[], options: Partial<SessionOptions> = {}) => {
    const starts: number[] = [];
    const all = setUp({
      refresh: () => {
        starts.push(asyncScheduler.now());
        const error = errors.shift();
        return error === undefined ? of(tokensOf(2)) : throwError(() => error);
      },
      refreshRetries: { jitter: 0 },
      ...options,
    });
    return { ...all, starts };
  };

  it('is tried twice more, after half a second and one second, as one refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts, story } = retrying([answer(503), answer(429)]);
      expectObservable(session.refresh$).toBe('1500ms (t|)', { t: tokensOf(2) });
      flush();
      expect(starts).toEqual([0, 500, 1_500]);
      expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-succeeded 2']);
    });
  });

  it('fails after the last try', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts } = retrying([1, 2, 3, 4].map(() => answer(503)));
      expectObservable(session.refresh$).toBe(
        '1500ms #',
        undefined,
        expect.objectContaining({ reason: 'unavailable' }),
      );
      flush();
      expect(starts).toEqual([0, 500, 1_500]);
    });
  });

  it.each<[string, NonNullable<SessionOptions['refreshRetries']>, number[]]>([
    ['once with `false`', false, [0]],
    ['once with a count of 0', { count: 0 }, [0]],
    ['as often as `count` says', { count: 1, jitter: 0 }, [0, 500]],
    ['with the defaults for values that are not given', { initialDelayMs: 10, jitter: 0 }, [0, 10, 30]],
  ])('is tried as refreshRetries says: %s', (_title, refreshRetries, expected) => {
    marbles(({ flush }) => {
      const { session, starts } = retrying(
        [1, 2, 3, 4].map(() => answer(503)),
        { refreshRetries },
      );
      const failed = record(session.refresh$);
      flush();
      expect(starts).toEqual(expected);
      expect(failed.expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
    });
  });

  it('waits as long as Retry-After says', () => {
    marbles(({ flush }) => {
      const { session, starts } = retrying([
        answer(429, { 'retry-after': '2' }),
        answer(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' }),
      ]);
      record(session.refresh$);
      flush();
      expect(starts).toEqual([0, 2_000, 7_000]);
    });
  });

  it.each([new TypeError('Failed to fetch'), answer(408), answer(404)])('is not repeated after %s', (error) => {
    marbles(({ flush }) => {
      const { session, starts } = retrying([error]);
      record(session.refresh$);
      flush();
      expect(starts).toEqual([0]);
    });
  });

  it('is ended by the timeout, which counts all tries together', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts, refresh } = retrying([answer(503), answer(503)], { refreshTimeoutMs: 700 });
      expectObservable(session.refresh$).toBe('700ms #', undefined, expect.objectContaining({ reason: 'timeout' }));
      flush();
      expect(starts).toEqual([0, 500]);
      expect(refresh.mock.calls[1]?.[1].signal).toBe(refresh.mock.calls[0]?.[1].signal);
      expect(asyncScheduler.now()).toBe(700);
    });
  });

  it('is refused when a later try is', () => {
    marbles(({ flush }) => {
      const { session } = retrying([answer(503), refusal]);
      const ended = record(session.refresh$);
      flush();
      expect(ended.settled).toMatchObject({ error: expect.any(SessionExpiredError) });
    });
  });
});
