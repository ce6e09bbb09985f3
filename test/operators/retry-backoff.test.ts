import { CanceledError } from 'axios';
import { defer, EMPTY, from, NEVER, of, throwError, type ObservableInput } from 'rxjs';
import { retryBackoff, type RetryBackoffOptions } from 'sluice/operators';
import { RefreshFailedError, SessionChangedError, SessionExpiredError } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { failure } from './failures.ts';

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** How often a request that always fails so is sent in a minute of virtual time. */
function sends(error: unknown, options?: RetryBackoffOptions): number {
  let count = 0;
  marbles(({ flush, hot }) => {
    const source = defer(() => {
      count += 1;
      return throwError(() => error);
    });
    hot('60s |').subscribe();
    source.pipe(retryBackoff(options)).subscribe({ error: () => undefined });
    flush();
  });
  return count;
}

describe('the delay of retryBackoff()', () => {
  it('is a random part of a limit that doubles, and the request fails with its last error when the retries are used up', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const error = failure(503);
      const source = cold('a#', { a: 1 }, error);
      expectObservable(source.pipe(retryBackoff())).toBe('a 250ms a 500ms a 1000ms a#', { a: 1 }, error);
      expectSubscriptions(source.subscriptions).toBe(['^!', '251ms ^!', '752ms ^!', '1753ms ^!']);
    });
  });

  it.each([
    [0, 0],
    [0.999, 499],
  ])('is the limit times the random number %d', (random, ms) => {
    vi.mocked(Math.random).mockReturnValue(random);
    marbles(({ cold, expectObservable }) => {
      const error = failure(503);
      const result = cold('#', {}, error).pipe(retryBackoff({ count: 1 }));
      // Expect a fraction of a millisecond: the timer of RxJS does not round, although frames of a marble diagram are whole.
      expectObservable(result).toBe(random === 0 ? '#' : `${ms}.5ms #`, {}, error);
    });
  });

  it('does not exceed maxDelayMs', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('#', {}, failure(503));
      expectObservable(source.pipe(retryBackoff({ maxDelayMs: 600 }))).toBe('850ms #', {}, failure(503));
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '250ms (^!)', '550ms (^!)', '850ms (^!)']);
    });
  });

  it('is still a number after 1,500 retries', () => {
    expect(sends(failure(503), { initialDelayMs: 0, count: 1_500 })).toBe(1_501);
  });

  it.each(['3', '3.0', 'Thu, 01 Jan 1970 00:00:03 GMT'])('is at least Retry-After: %s', (header) => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('#', {}, failure(429, { 'retry-after': header }));
      expectObservable(source.pipe(retryBackoff({ count: 1 })), '3500ms !').toBe('3s #', {}, expect.anything());
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '3s (^!)']);
    });
  });

  it('is longer than Retry-After if the random part is', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('#', {}, failure(503, { 'retry-after': '1' }));
      source.pipe(retryBackoff({ count: 1, initialDelayMs: 4_000 })).subscribe({ error: () => undefined });
      flush();
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '2s (^!)']);
    });
  });

  it.each(['31', 'Thu, 01 Jan 1970 00:01:00 GMT', '99999999999999'])(
    'is none, and the request fails at once, if Retry-After is longer than maxDelayMs: %s',
    (header) => {
      expect(sends(failure(503, { 'retry-after': header }))).toBe(1);
    },
  );

  it('lasts until the retryAt of a failed refresh', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('#', {}, new RefreshFailedError('unavailable', failure(503, { 'retry-after': '9' }), 4_000));
      expectObservable(source.pipe(retryBackoff({ count: 1 }))).toBe('4s #', {}, expect.anything());
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '4s (^!)']);
    });
  });
});

describe('retryBackoff()', () => {
  it('sends nothing again after a success', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--(a|)');
      expectObservable(source.pipe(retryBackoff())).toBe('--(a|)');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('counts the retries for each subscription, whatever values came in between', () => {
    expect(sends(failure(503), { count: 2 })).toBe(3);
    const result$ = throwError(() => failure(503)).pipe(retryBackoff({ count: 0 }));
    expect(record(result$).expectOneOutcome()).toMatchObject({ kind: 'error', error: { response: { status: 503 } } });
  });

  it('ends the request or the delay when it is unsubscribed, at every moment', () => {
    // The request runs in the frames 0 to 2 and 6 to 8; between them is the delay.
    for (let frame = 1; frame <= 8; frame += 1)
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a#', { a: 'a' }, failure(503));
        const result = source.pipe(retryBackoff({ initialDelayMs: 8 }));
        expectObservable(result, `${'-'.repeat(frame)}!`).toBe('-a-----a-'.slice(0, frame));
        const first = frame < 2 ? `^${'-'.repeat(frame - 1)}!` : '^-!';
        const second = frame > 6 ? [`------^${'-'.repeat(frame - 7)}!`] : [];
        expectSubscriptions(source.subscriptions).toBe([first, ...second]);
      });
  });

  it('sends nothing again if it is unsubscribed by the value before the failure', () => {
    let count = 0;
    const source$ = defer(() => {
      count += 1;
      return from([1, 2]);
    });
    source$.pipe(retryBackoff()).subscribe().unsubscribe();
    expect(count).toBe(1);
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('sends a get with status %i again', (status) => {
    expect(sends(failure(status))).toBe(4);
  });

  it.each([400, 401, 403, 404, 409, 422, 501])('does not send a get with status %i again', (status) => {
    expect(sends(failure(status))).toBe(1);
  });

  it('sends a get without a response again', () => {
    expect(sends(failure())).toBe(4);
  });

  it.each(['get', 'GET', 'head', 'options'])('sends the safe method %s again', (method) => {
    expect(sends(failure(503, {}, method))).toBe(4);
  });

  it.each(['post', 'put', 'patch', 'delete', 'getter'])(
    'does not send the method %s again, unless idempotent says so',
    (method) => {
      expect(sends(failure(503, {}, method))).toBe(1);
      expect(sends(failure(503, {}, method), { idempotent: true })).toBe(4);
    },
  );

  it.each([
    ['an error of Angular', { name: 'HttpErrorResponse', status: 503 }],
    ['an error of fetch', new TypeError('fetch failed')],
    ['a thrown Response', new Response('', { status: 503 })],
    ['nothing', undefined],
  ])('does not send a request of unknown method again, unless idempotent says so: %s', (_, error) => {
    expect(sends(error)).toBe(1);
    expect(sends(error, { idempotent: true })).toBe(4);
  });

  it.each([
    ['ajax', { name: 'AjaxError', status: 503, request: { method: 'GET' } }],
    [
      'ky',
      { name: 'HTTPError', response: new Response('', { status: 503 }), request: new Request('http://a.example') },
    ],
    ['ofetch', { name: 'FetchError', status: 503, request: 'http://a.example', options: { method: 'GET' } }],
    ['another error with that of axios as its cause', new Error('no users', { cause: failure(503) })],
  ])('reads the method from the error of %s', (_, error) => {
    expect(sends(error)).toBe(4);
  });

  it('reads the method of the request, not that of a redirect after a post', () => {
    const error = failure(503, {}, 'post');
    error.request = { method: 'GET' };
    expect(sends(error)).toBe(1);
  });

  it.each([
    ['a CanceledError', new CanceledError()],
    ['an AbortError', new DOMException('gone', 'AbortError')],
    ['a wrapped AbortError', new Error('x', { cause: new DOMException('gone', 'AbortError') })],
    ['a SessionExpiredError', new SessionExpiredError(undefined, failure(503))],
    ['a SessionChangedError', new SessionChangedError()],
    ['a wrapped SessionChangedError', new Error('x', { cause: new SessionChangedError() })],
  ])('never sends a request again after %s, whatever the options say', (_, error) => {
    const retryIf = vi.fn(() => true);
    expect(sends(error, { idempotent: true, retryIf })).toBe(1);
    expect(retryIf).not.toHaveBeenCalled();
  });

  it.each([
    ['unavailable', 4],
    ['timeout', 4],
    ['misconfigured', 1],
    ['invalid-response', 1],
    ['same-token', 1],
  ] as const)('after a refresh that failed as %s, sends the request %i times', (reason, count) => {
    expect(sends(new RefreshFailedError(reason))).toBe(count);
  });
});

describe('retryIf of retryBackoff()', () => {
  const decide = (retryIf: RetryBackoffOptions['retryIf']) => sends(failure(404), { retryIf: retryIf! });

  it.each<[string, () => boolean | ObservableInput<boolean>, number]>([
    ['true', () => true, 4],
    ['false', () => false, 1],
    ['an Observable of true', () => of(true, false), 4],
    ['an Observable of false', () => of(false, true), 1],
    ['an Observable that never emits', () => NEVER, 1],
    ['null', () => null as never, 1],
    ['undefined', () => undefined as never, 1],
  ])('has the request sent again only if it answers true: %s', (_, retryIf, count) => {
    expect(decide(retryIf)).toBe(count);
  });

  it('fails the stream with the error of the request if it returns null', async () => {
    const error = failure(404);
    const result$ = throwError(() => error).pipe(retryBackoff({ retryIf: () => null as never }));
    expect(await record(result$).outcome).toMatchObject({ kind: 'error', error });
  });

  it('delays the retry, and the delay begins when it has decided', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('#', {}, failure(404));
      const result = source.pipe(retryBackoff({ count: 1, retryIf: () => cold('1s t', { t: true }) }));
      expectObservable(result).toBe('1250ms #', {}, expect.anything());
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '1250ms (^!)']);
    });
  });

  it('may return a promise', async () => {
    let count = 0;
    const source$ = defer(() => {
      count += 1;
      return count > 1 ? of('a') : throwError(() => failure(404));
    });
    const result$ = source$.pipe(retryBackoff({ initialDelayMs: 0, retryIf: () => Promise.resolve(true) }));
    expect(await record(result$).outcome).toEqual({ kind: 'complete', values: ['a'] });
  });

  it('fails the stream with the error of the request, and does not complete it, if it emits nothing', () => {
    const error = failure(404);
    const result$ = throwError(() => error).pipe(retryBackoff({ retryIf: () => EMPTY }));
    expect(record(result$).expectOneOutcome()).toEqual({ kind: 'error', error, values: [] });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('own');
      },
    ],
    ['fails', () => throwError(() => new Error('own'))],
  ])('fails the stream with its own error if it %s', (_, retryIf) => {
    const result$ = throwError(() => failure(404)).pipe(retryBackoff({ retryIf }));
    expect(record(result$).expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'own' } });
  });

  it('is unsubscribed with the stream', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const decision = cold<boolean>('-----');
      const source = cold('#', {}, failure(404));
      expectObservable(source.pipe(retryBackoff({ retryIf: () => decision })), '---!').toBe('-');
      expectSubscriptions(decision.subscriptions).toBe('^--!');
    });
  });

  it('is called with the error and the number of the retry', () => {
    const error = failure(404);
    const retryIf = vi.fn((_: unknown, retries: number) => retries < 3);
    expect(sends(error, { retryIf })).toBe(3);
    expect(retryIf.mock.calls).toEqual([
      [error, 1],
      [error, 2],
      [error, 3],
    ]);
  });
});
