import { concat, EMPTY, merge, mergeMap, NEVER, Observable, of, repeat, retry, Subject, take, throwError } from 'rxjs';
import { dedupe } from 'sluice/operators';
import { createSession, memoryStore, type Session } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { waitFor } from '../support/wait-for.ts';

const sessionOf = (accessToken?: string): Session =>
  createSession({
    refresh: () => NEVER,
    store: memoryStore(accessToken === undefined ? null : { accessToken }),
  });

describe('dedupe()', () => {
  it('shares a request while it is in flight, and requests anew afterwards', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('---(a|)');
      const get = dedupe(null, () => source);
      expectObservable(get()).toBe('---(a|)');
      expectObservable(get(), '--^').toBe('---(a|)');
      expectObservable(get(), '----^').toBe('-------(a|)');
      expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!']);
    });
  });

  it('shares an error, and a retry or another subscription requests anew', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--#');
      const get = dedupe(null, () => source);
      expectObservable(get()).toBe('--#');
      expectObservable(get().pipe(retry(1)), '-^').toBe('----#');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '--^-!']);
    });
  });

  it('shares an end without a value, and a later call makes a new request', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--|');
      const get = dedupe(null, () => source);
      expectObservable(get()).toBe('--|');
      expectObservable(get().pipe(repeat(2)), '-^').toBe('----|');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '--^-!']);
    });
  });

  it('gives all values to subscribers from before the first one, and makes a request for each later subscriber', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--b--|');
      const get = dedupe(null, () => source);
      expectObservable(get()).toBe('--a--b--|');
      expectObservable(get(), '-^').toBe('--a--b--|');
      expectObservable(get(), '---^').toBe('-----a--b--|');
      expectSubscriptions(source.subscriptions).toBe(['^-------!', '---^-------!']);
    });
  });

  it('lets each subscriber unsubscribe for itself, at every moment, and ends the request with the last one', () => {
    for (let first = 1; first <= 5; first += 1)
      for (let second = 1; second <= 5; second += 1)
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold('----a');
          const get = dedupe(null, () => source);
          expectObservable(get(), `^${'-'.repeat(first - 1)}!`).toBe(first > 4 ? '----a' : '-');
          expectObservable(get(), `^${'-'.repeat(second - 1)}!`).toBe(second > 4 ? '----a' : '-');
          expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(Math.max(first, second) - 1)}!`);
        });
  });

  it('requests anew after the last subscriber has left', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('----(a|)');
      const get = dedupe(null, () => source);
      expectObservable(get(), '^-!').toBe('-');
      expectObservable(get(), '--^').toBe('------(a|)');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '--^---!']);
    });
  });

  it('shares nothing between calls with other arguments', () => {
    const request = vi.fn<(...args: unknown[]) => typeof NEVER>(() => NEVER);
    const get = dedupe(null, request);
    const same = {};
    const calls = [[], [1], ['1'], [1, 2], [undefined], [null], [NaN], [{}], [same], [1n], [true], ['1,2'], [[1]]];
    for (const call of [...calls, [same], [NaN], [1]]) get(...call).subscribe();
    expect(request.mock.calls).toEqual(calls);
  });

  it('compares the results of `key` in place of the arguments', () => {
    const request = vi.fn((query: { readonly page: number }) => NEVER.pipe(() => of(query)));
    const get = dedupe(
      null,
      (query: { readonly page: number }) => merge(request(query), NEVER).pipe(mergeMap(() => NEVER)),
      {
        key: ({ page }) => page,
      },
    );
    for (const page of [1, 2, 1]) get({ page }).subscribe();
    expect(request.mock.calls).toEqual([[{ page: 1 }], [{ page: 2 }]]);
  });

  it('makes a request for each subscriber of a synchronous source, and keeps nothing of it', () => {
    const request = vi.fn(() => of('a', 'b'));
    const get = dedupe(null, request);
    expect(record(get()).expectOneOutcome()).toEqual({ kind: 'complete', values: ['a', 'b'] });
    expect(record(get()).expectOneOutcome()).toEqual({ kind: 'complete', values: ['a', 'b'] });
    expect(record(get().pipe(take(1))).values).toEqual(['a']);
    expect(request).toHaveBeenCalledTimes(3);
  });

  it('makes a new request for a subscriber that subscribes again when it gets the value', () => {
    const answers = [new Subject<string>(), new Subject<string>()];
    const request = vi.fn((): Observable<string> => answers[request.mock.calls.length - 1] ?? EMPTY);
    const get = dedupe(null, request);
    const seen = record(get().pipe(mergeMap((value) => concat(of(value), get()))));
    const other = record(get());
    answers[0]!.next('a');
    expect([seen.values, other.values]).toEqual([['a'], ['a']]);
    answers[1]!.next('b');
    expect([seen.values, other.values]).toEqual([['a', 'b'], ['a']]);
    expect(request).toHaveBeenCalledTimes(2);
    seen.unsubscribe();
    other.unsubscribe();
    expect(answers.map(({ observed }) => observed)).toEqual([false, false]);
  });

  it('ends each request, also where somebody subscribes while it is being ended', () => {
    const ended: number[] = [];
    let started = 0;
    let again: (() => void) | undefined;
    const get = dedupe(null, () => {
      const number = (started += 1);
      return new Observable(() => () => {
        ended.push(number);
        again?.();
      });
    });
    const late: { unsubscribe(): void }[] = [];
    again = () => {
      again = undefined;
      late.push(get().subscribe());
    };
    get().subscribe().unsubscribe();
    expect([started, ended]).toEqual([2, [1]]);
    late[0]?.unsubscribe();
    expect(ended).toEqual([1, 2]);
    get().subscribe().unsubscribe();
    expect([started, ended]).toEqual([3, [1, 2, 3]]);
  });

  it('gives the value to the other subscribers when one of them unsubscribes in next', async () => {
    const source = new Subject<string>();
    const get = dedupe(null, () => source);
    const leaving = get().subscribe(() => {
      leaving.unsubscribe();
    });
    const staying = record(get());
    source.next('a');
    expect(staying.values).toEqual(['a']);
    staying.unsubscribe();
    expect(source.observed).toBe(false);
  });

  it.each<[string, () => Observable<never>]>([
    [
      'throws',
      () => {
        throw new Error('own');
      },
    ],
    ['fails', () => throwError(() => new Error('own'))],
  ])('passes the error on if request %s, and keeps nothing of it', (_, request) => {
    const spy = vi.fn(request);
    const get = dedupe(null, spy);
    const outcomes = [record(get()), record(get())].map((recording) => recording.expectOneOutcome());
    const own = { kind: 'error', error: { message: 'own' } };
    expect(outcomes).toMatchObject([own, own]);
    expect(spy).toHaveBeenCalledTimes(2);
  });

  it('throws at the call if request is no function', () => {
    expect(() => dedupe(null, undefined as never)).toThrow('dedupe(): request takes a function; given: null.');
  });

  it('passes on the error that `key` throws', () => {
    const get = dedupe(null, () => NEVER, {
      key: () => {
        throw new Error('own');
      },
    });
    expect(record(get()).expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'own' } });
  });

  it.each<[string, Observable<string>, (call$: Observable<string>) => void]>([
    ['a value', merge(of('a'), NEVER), (call$) => record(call$).unsubscribe()],
    ['an end without a value', EMPTY, (call$) => void record(call$)],
    ['an error', throwError(() => new Error('own')), (call$) => void record(call$)],
    ['the last subscriber has left', NEVER, (call$) => record(call$).unsubscribe()],
  ])('keeps nothing of a call after %s: the next one makes its request from its own arguments', (_, answer, use) => {
    const request = vi.fn((query: { readonly key: string; readonly number: number }) =>
      of(query).pipe(mergeMap(() => answer)),
    );
    const get = dedupe(null, request, { key: ({ key }) => key });
    use(get({ key: 'a', number: 1 }));
    use(get({ key: 'a', number: 2 }));
    expect(request.mock.calls.map(([{ number }]) => number)).toEqual([1, 2]);
  });

  it('accepts a request that returns a promise', async () => {
    const request = vi.fn(async () => 'a');
    const get = dedupe(null, request);
    const both = [record(get()), record(get())];
    for (const { outcome } of both) expect(await outcome).toEqual({ kind: 'complete', values: ['a'] });
    expect(request).toHaveBeenCalledTimes(1);
  });
});

describe('dedupe() with a session', () => {
  const requests = (session: Session) => {
    const request = vi.fn(() => NEVER);
    const get = dedupe(session, request);
    return { request, get: () => get().subscribe() };
  };

  it('shares a request between subscribers while the same person is signed in', () => {
    const { request, get } = requests(sessionOf('a'));
    get();
    get();
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('still shares a request after update() has brought the same person newer tokens', () => {
    const session = sessionOf('a');
    const { request, get } = requests(session);
    get();
    session.update({ accessToken: 'b' }).catch(() => undefined);
    get();
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('shares nothing with the previous person, and nothing with an earlier time when nobody was signed in', async () => {
    const session = sessionOf();
    const { request, get } = requests(session);
    get();
    await session.signIn({ accessToken: 'a' });
    get();
    await session.signIn({ accessToken: 'b' });
    get();
    await session.signOut();
    get();
    expect(request).toHaveBeenCalledTimes(4);
  });

  it('decides at subscription, and not at the call, which person a request belongs to', async () => {
    const session = sessionOf('a');
    const request = vi.fn(() => NEVER);
    const call$ = dedupe(session, request)();
    call$.subscribe();
    await session.signIn({ accessToken: 'b' });
    call$.subscribe();
    expect(request).toHaveBeenCalledTimes(2);
  });

  it('shares nothing of a restored person after they have signed out, though the owner is null both before and afterwards', async () => {
    const session = createSession({
      refresh: () => NEVER,
      store: { get: () => Promise.resolve({ accessToken: 'a' }), set: () => Promise.resolve() },
    });
    const { request, get } = requests(session);
    expect(session.state).toMatchObject({ status: 'restoring', owner: null });
    get();
    await waitFor(() => {
      expect(session.state.status).toBe('signed-in');
    });
    get();
    expect(request).toHaveBeenCalledTimes(1);
    await session.signOut();
    expect(session.state.owner).toBe(null);
    get();
    expect(request).toHaveBeenCalledTimes(2);
  });

  it.each([undefined, {}, 'session'])('throws at the call for %s', (session) => {
    expect(() => dedupe(session as never, () => NEVER)).toThrow(
      '`session` must be what createSession() returned; given: ',
    );
  });
});
