import {
  concat,
  concatMap,
  delay,
  EMPTY,
  NEVER,
  of,
  queueScheduler,
  take,
  throwError,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { paginate } from 'sluice/operators';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { waitFor } from '../support/wait-for.ts';

/** Pages 1 to `last`, given at once. */
const pages = (last: number) => (page: number) => (page < last ? of(page + 1) : null);

describe('paginate() with each', () => {
  it('requests the next page when `each` has completed for the one before, and emits the values of `each`', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const requests = [cold('-(1|)'), cold('-(2|)'), cold('-(3|)')];
      const each = [cold('a--b|'), cold('--|'), cold('c|')];
      const result = paginate(requests[0]!, (_, index) => requests[index + 1], { each: (_, index) => each[index]! });
      expectObservable(result).toBe('-a--b---- c|'.replace(/ /g, ''));
      expectSubscriptions(requests[0]!.subscriptions).toBe('^!');
      expectSubscriptions(each[0]!.subscriptions).toBe('-^---!');
      expectSubscriptions(requests[1]!.subscriptions).toBe('-----^!');
      expectSubscriptions(each[1]!.subscriptions).toBe('------^-!');
      expectSubscriptions(requests[2]!.subscriptions).toBe('--------^!');
      expectSubscriptions(each[2]!.subscriptions).toBe('---------^!');
    });
  });

  it('waits for the request of a page to complete as well', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const second = cold('(2|)');
      const result = paginate<string, string>(cold('1---|'), (page) => (page === '1' ? second : null), {
        each: (page) => of(page),
      });
      expectObservable(result).toBe('1---(2|)');
      expectSubscriptions(second.subscriptions).toBe('----(^!)');
    });
  });

  it('ends whatever is running when it is unsubscribed, at every moment, and requests nothing more', () => {
    for (let frame = 1; frame <= 11; frame += 1)
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const requests = [cold('--(1|)'), cold('--(2|)')];
        const each = [cold('---|'), cold('---|')];
        const result = paginate(requests[0]!, (_, index) => requests[index + 1], { each: (_, index) => each[index]! });
        expectObservable(result, `${'-'.repeat(frame)}!`).toBe(frame < 11 ? '-' : '----------|');
        [requests[0]!, each[0]!, requests[1]!, each[1]!].forEach(({ subscriptions }, index) => {
          const from = [0, 2, 5, 7][index]!;
          const to = Math.min(frame, [2, 5, 7, 10][index]!);
          // An unsubscription comes before all other events of its frame, so a request of that frame is not subscribed to.
          expectSubscriptions(subscriptions).toBe(
            frame > from ? [`${'-'.repeat(from)}^${'-'.repeat(to - from - 1)}!`] : [],
          );
        });
      });
  });

  it.each(['the request', 'each', 'next'] as const)(
    'fails with the error of %s, and requests nothing more',
    (where) => {
      const error = new Error('own');
      const failing = (is: string): Observable<string> => (where === is ? throwError(() => error) : of('value'));
      const next = vi.fn(() => {
        if (where === 'next') throw error;
        return failing('nothing');
      });
      const result$ = paginate(failing('the request'), next, { each: () => failing('each') });
      expect(record(result$).expectOneOutcome()).toMatchObject({ kind: 'error', error });
      expect(next).toHaveBeenCalledTimes(where === 'next' ? 1 : 0);
    },
  );

  it('fails with an error that `each` throws', () => {
    const result$ = paginate(of(1), pages(3), {
      each: () => {
        throw new Error('own');
      },
    });
    expect(record(result$).expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'own' } });
  });

  it('takes promises, and completes after the last page', async () => {
    const result$ = paginate(Promise.resolve(1), (page) => page < 3 && Promise.resolve(page + 1), {
      each: async (page) => page * 10,
    });
    expect(await record(result$).outcome).toEqual({ kind: 'complete', values: [10, 20, 30] });
  });

  it('is cold: each subscription begins at the first page', () => {
    const result$ = paginate(of(1), pages(3), { each: (page, index) => of([page, index]) });
    const seen = [record(result$), record(result$)].map(({ values }) => values);
    const all = [
      [1, 0],
      [2, 1],
      [3, 2],
    ];
    expect(seen).toEqual([all, all]);
  });

  it('can be used again inside `each`', () => {
    const result$ = paginate(of(1), pages(2), {
      each: (outer) => paginate(of(1), pages(2), { each: (inner) => of(`${outer}.${inner}`) }),
    });
    expect(record(result$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['1.1', '1.2', '2.1', '2.2'] });
  });
});

describe('paginate() without each', () => {
  it('emits the pages, and requests the next one however slow their consumer is', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const requests = [cold('-(1|)'), cold('-(2|)'), cold('-(3|)')];
      const result = paginate(requests[0]!, (_, index) => requests[index + 1]).pipe(
        concatMap((page) => of(page).pipe(delay(5))),
      );
      expectObservable(result).toBe('------1----2----(3|)');
      expectSubscriptions(requests[2]!.subscriptions).toBe('--^!');
    });
  });

  it('requests no page after the last one that take() lets through', () => {
    const next = vi.fn(pages(100));
    expect(record(paginate(of(1), next).pipe(take(2))).expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [1, 2],
    });
    expect(next).toHaveBeenCalledTimes(1);
  });

  it('ends where a request gives no page', () => {
    const next = vi.fn(() => EMPTY);
    expect(record(paginate(of(1), next)).expectOneOutcome()).toEqual({ kind: 'complete', values: [1] });
    expect(next).toHaveBeenCalledTimes(1);
    expect(record(paginate(EMPTY, next)).expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
    expect(next).toHaveBeenCalledTimes(1);
  });

  it('makes the next request from the last page of a request that emits several', () => {
    const next = vi.fn((page: number) => (page < 2 ? of(9) : null));
    expect(record(paginate(of(0, 1), next)).values).toEqual([0, 1, 9]);
    expect(next.mock.calls).toEqual([
      [1, 0],
      [9, 1],
    ]);
  });

  it.each([null, undefined, false] as const)('ends where next returns %s', (nothing) => {
    expect(record(paginate(of(1), () => nothing)).expectOneOutcome()).toEqual({ kind: 'complete', values: [1] });
  });

  it('follows ten thousand synchronous pages without a stack overflow', () => {
    let last = 0;
    paginate(of(1), pages(10_000)).subscribe((page) => {
      last = page;
    });
    expect(last).toBe(10_000);
  });

  it.each<[string, number, (page: number) => ObservableInput<number>]>([
    ['the first page', 1, (page) => [page]],
    ['the consumer of a later page', 2, (page) => (page === 5 ? Promise.resolve(page) : [page])],
  ])('follows ten thousand synchronous pages after %s was asynchronous', async (_, kind, each) => {
    const first = kind === 1 ? Promise.resolve(1) : of(1);
    const seen: number[] = [];
    const completed = vi.fn();
    // Do not use `record`: RxJS's `concatMap` tells a bare Subscriber twice that it completes, which all others ignore.
    paginate(first, pages(10_000), { each }).subscribe({ next: (page) => seen.push(page), complete: completed });
    await waitFor(() => {
      expect(completed).toHaveBeenCalledOnce();
    });
    expect(seen).toHaveLength(10_000);
  });

  it('requests nothing more when it is unsubscribed in next', async () => {
    const next = vi.fn(pages(10));
    const seen: number[] = [];
    const subscription = paginate(Promise.resolve(1), next).subscribe((page) => {
      seen.push(page);
      subscription.unsubscribe();
    });
    await waitFor(() => {
      expect(seen).toEqual([1]);
    });
    await Promise.resolve();
    expect(next).not.toHaveBeenCalled();
  });

  it('works within an action of the queue scheduler', () => {
    const seen: number[] = [];
    queueScheduler.schedule(() => {
      paginate(of(1), pages(3)).subscribe((page) => seen.push(page));
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each([undefined, 'next'])('throws at the call if next is %s', (next) => {
    expect(() => paginate(of(1), next as never)).toThrow('paginate(): next takes a function; given: ');
  });

  it('never completes while a request does not', () => {
    expect(record(paginate(concat(of('1'), NEVER), () => of('2'))).settled).toBeUndefined();
  });
});
