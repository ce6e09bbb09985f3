import { EMPTY, map, merge, mergeMap, NEVER, of, startWith, Subject, take, throwError } from 'rxjs';
import { type RequestProgressEvent, type RequestState, toRequestState, toSnapshot } from 'sluice/operators';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';

const error = new Error('own');
const states: Record<string, RequestState<string>> = {
  i: { status: 'idle' },
  l: { status: 'loading' },
  a: { status: 'resolved', value: 'a' },
  b: { status: 'resolved', value: 'b' },
  r: { status: 'reloading', value: 'a' },
  s: { status: 'reloading', value: 'b' },
  e: { status: 'error', error },
  f: { status: 'error', error, value: 'a' },
};

describe('toRequestState() of one request', () => {
  it.each([
    ['--(a|)', 'l-(a|)'],
    ['--a--b|', 'l-a--b|'],
    ['--#', 'l-(e|)'],
    ['--a-#', 'l-a-(f|)'],
    ['--|', 'l-(i|)'],
    ['(a|)', '(la|)'],
    ['#', '(le|)'],
    ['|', '(li|)'],
    ['--', 'l'],
  ])('emits the states of %s as %s', (source, result) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold(source, { a: 'a', b: 'b' }, error);
      expectObservable(request.pipe(toRequestState())).toBe(result, states);
      expectSubscriptions(request.subscriptions).toBe(subscriptionOf(source));
    });
  });

  it('ends the request when it is unsubscribed, at every moment', () => {
    for (let frame = 1; frame <= 5; frame += 1)
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const request = cold('--a---', { a: 'a' });
        expectObservable(request.pipe(toRequestState()), `${'-'.repeat(frame)}!`).toBe(frame > 2 ? 'l-a' : 'l', states);
        expectSubscriptions(request.subscriptions).toBe(`^${'-'.repeat(frame - 1)}!`);
      });
  });

  it('sends nothing when it is unsubscribed at the first state', () => {
    const send = vi.fn(() => of('a'));
    record(of(null).pipe(mergeMap(send), toRequestState(), take(1)));
    expect(send).not.toHaveBeenCalled();
  });

  it('begins anew for each subscription', () => {
    const states$ = of('a').pipe(toRequestState());
    const seen = [record(states$), record(states$)].map(({ values }) => values);
    expect(seen).toEqual([
      [states['l'], states['a']],
      [states['l'], states['a']],
    ]);
  });

  it('treats an emitted undefined as a value', () => {
    const reload$ = of(1, 2);
    const seen = record(reload$.pipe(toRequestState(() => of(undefined)))).values;
    expect(seen.map(({ status }) => status)).toEqual(['idle', 'loading', 'resolved', 'reloading', 'resolved']);
  });
});

/** The subscription diagram of a cold source: it ends where the source ends, if it does. */
function subscriptionOf(source: string): string {
  const frames = source.replace(/\(.*\)/, '#');
  const end = frames.search(/[|#]/);
  if (end < 0) return '^';
  return end === 0 ? '(^!)' : `^${'-'.repeat(end - 1)}!`;
}

describe('toRequestState() with a request for each value', () => {
  it('keeps the previous value while it reloads, and after an error', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const requests = [cold('--(a|)'), cold('--#', {}, error), cold('--(b|)')];
      const result = cold('-1-----2----3--|').pipe(toRequestState((_, index) => requests[index]!));
      expectObservable(result).toBe('il-a---r-f--r-b|', states);
      expectSubscriptions(requests[0]!.subscriptions).toBe('-^-!');
      expectSubscriptions(requests[1]!.subscriptions).toBe('-------^-!');
      expectSubscriptions(requests[2]!.subscriptions).toBe('------------^-!');
    });
  });

  it('ends the previous request, as switchMap does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const requests = [cold('----(a|)'), cold('----(b|)')];
      const result = cold('-1-2|').pipe(toRequestState((_, index) => requests[index]!));
      expectObservable(result).toBe('il-l---(b|)', states);
      expectSubscriptions(requests[0]!.subscriptions).toBe('-^-!');
      expectSubscriptions(requests[1]!.subscriptions).toBe('---^---!');
    });
  });

  it('ends the request and the source when it is unsubscribed, at every moment', () => {
    for (let frame = 1; frame <= 9; frame += 1)
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-1---2---');
        const requests = [cold('--(a|)'), cold('--(b|)')];
        const result = source.pipe(toRequestState((_, index) => requests[index]!));
        const cut = (text: string): string => text.slice(0, frame).replace(/[!].*/, '!');
        expectObservable(result, `${'-'.repeat(frame)}!`).toBe(cut('il-a-r-b-'), states);
        expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(frame - 1)}!`);
        const [first, second] = requests.map(({ subscriptions }) => subscriptions);
        expectSubscriptions(first!).toBe(frame > 1 ? [`-^${'-'.repeat(Math.min(frame, 3) - 2)}!`] : []);
        expectSubscriptions(second!).toBe(frame > 5 ? [`-----^${'-'.repeat(Math.min(frame, 7) - 6)}!`] : []);
      });
  });

  it('goes back to the previous state after a request without a value', () => {
    const seen = record(of('none', 'a', 'none').pipe(toRequestState((what) => (what === 'a' ? of('a') : EMPTY))));
    const { i, l, a, r } = states;
    expect(seen.expectOneOutcome()).toEqual({ kind: 'complete', values: [i, l, i, l, a, r, a] });
  });

  it('turns an error that the function throws into a state, and goes on', () => {
    const seen = record(
      of(1, 2).pipe(
        toRequestState((n) => {
          if (n === 1) throw error;
          return of('a');
        }),
      ),
    );
    const { i, l, e, a } = states;
    expect(seen.expectOneOutcome()).toEqual({ kind: 'complete', values: [i, l, e, l, a] });
  });

  it('turns an error of the source into its last state', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold('----a');
      expectObservable(cold('-1-#', {}, error).pipe(toRequestState(() => request))).toBe('il-(e|)', states);
      expectSubscriptions(request.subscriptions).toBe('-^-!');
    });
  });

  it('accepts a function that returns promises', async () => {
    const { outcome } = record(of(1).pipe(toRequestState(() => Promise.resolve('a'))));
    expect(await outcome).toEqual({ kind: 'complete', values: [states['i'], states['l'], states['a']] });
  });

  it('makes only the newest request when a subscriber asks for another in its next', () => {
    const ask = new Subject<number>();
    const send = vi.fn((n: number) => merge(of(String(n)), NEVER).pipe(map((text) => text)));
    const seen: RequestState<string>[] = [];
    ask.pipe(toRequestState((n) => of(n).pipe(mergeMap(send)))).subscribe((state) => {
      seen.push(state);
      if (state.status === 'loading' && seen.length < 3) ask.next(2);
      if (state.value === '2' && state.status === 'resolved') ask.next(3);
    });
    ask.next(1);
    expect(send.mock.calls.map(([n]) => n)).toEqual([2, 3]);
    expect(seen.map(({ status, value }) => [status, value])).toEqual([
      ['idle', undefined],
      ['loading', undefined],
      ['loading', undefined],
      ['resolved', '2'],
      ['reloading', '2'],
      ['resolved', '3'],
    ]);
  });
});

describe("toRequestState() with observe: 'events'", () => {
  const event: Record<string, RequestProgressEvent<string>> = {
    s: { type: 'sent', attempt: 1 },
    u: { type: 'uploadProgress', loaded: 5, total: 10 },
    d: { type: 'downloadProgress', loaded: 7 },
    t: { type: 'sent', attempt: 2 },
    a: { type: 'response', response: { data: 'a' } },
  };
  const progress = {
    u: { type: 'uploadProgress', loaded: 5, total: 10 },
    d: { type: 'downloadProgress', loaded: 7 },
  } as const;

  it('has the progress in the state, forgets it when the request is sent again, and gives the body', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('-suutd(a|)', event).pipe(toRequestState({ observe: 'events' }));
      expectObservable(result).toBe('l-uuld(a|)', {
        ...states,
        u: { status: 'loading', progress: progress.u },
        d: { status: 'loading', progress: progress.d },
      });
    });
  });

  it('keeps the previous value beside the progress', () => {
    const events$ = of(event['u']!, event['a']!);
    const seen = record(of(1, 2).pipe(toRequestState(() => events$, { observe: 'events' }))).values;
    const { i, l, a, r } = states;
    const with$ = (state: object) => ({ ...state, progress: progress.u });
    expect(seen).toEqual([i, l, with$(l!), a, r, with$(r!), a]);
  });

  it('treats a value that looks like an event as a value when that option is not set', () => {
    const seen = record(of({ type: 'sent', attempt: 1 }).pipe(toRequestState())).values;
    expect(seen.at(-1)).toEqual({ status: 'resolved', value: { type: 'sent', attempt: 1 } });
  });
});

describe('toSnapshot()', () => {
  it('keeps the status and the value, which is undefined where there is none', () => {
    const { i, l, a, r } = states;
    expect([i!, l!, a!, r!].map(toSnapshot)).toEqual([
      { status: 'idle', value: undefined },
      { status: 'loading', value: undefined },
      { status: 'resolved', value: 'a' },
      { status: 'reloading', value: 'a' },
    ]);
    expect(toSnapshot({ status: 'loading', progress: { type: 'uploadProgress', loaded: 1 } })).toEqual({
      status: 'loading',
      value: undefined,
    });
  });

  it('has the error and no value in a state of an error', () => {
    expect(Object.entries(toSnapshot(states['f']!))).toEqual([
      ['status', 'error'],
      ['error', error],
    ]);
  });

  it('keeps an object with the shape of an Error, such as an HttpErrorResponse', () => {
    const shaped = { name: 'HttpErrorResponse', message: 'no', status: 503 };
    expect(toSnapshot({ status: 'error', error: shaped })).toEqual({ status: 'error', error: shaped });
  });

  it.each([
    undefined,
    null,
    'text',
    { status: 503, message: 'no' },
    Object.create(null),
    new Proxy(
      {},
      {
        get: () => {
          throw error;
        },
      },
    ),
  ])('makes anything else the cause of an Error: case %#', (cause) => {
    const snapshot = toSnapshot({ status: 'error', error: cause });
    expect(snapshot).toMatchObject({ status: 'error', error: expect.any(Error) });
    expect((snapshot as { error: Error }).error.cause).toBe(cause);
  });
});

it('toRequestState() turns an error that follows a value synchronously into a state, and leaves it to no unhandled error handler', () => {
  expect(record(throwError(() => error).pipe(startWith('a'), toRequestState())).values).toEqual([
    states['l'],
    states['a'],
    states['f'],
  ]);
});
