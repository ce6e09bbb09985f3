import {
  delay,
  exhaustMap,
  identity,
  map,
  noop,
  Observable,
  of,
  retry,
  share,
  shareReplay,
  startWith,
  takeUntil,
  toArray,
  type MonoTypeOperatorFunction,
  type Observer,
  type Subscriber,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { lawsOf, operatorLaws } from './laws.ts';

describe('identity', () => {
  operatorLaws(() => identity);
});

describe('map', () => {
  const values = { A: 'A', B: 'B', C: 'C' };
  operatorLaws(() => map((value: string) => value.toUpperCase()), {
    values: { expected: '-A-B-(C|)', values },
    synchronous: { expected: '(ABC|)', values },
    error: { expected: '-A-#', values },
  });
});

describe('startWith', () => {
  operatorLaws(() => startWith('s'), {
    values: { source: '--b-|', expected: 's-b-|' },
    synchronous: { expected: '(sabc|)' },
    empty: { expected: 's-|' },
    never: { expected: 's' },
    error: { source: '--b-#', expected: 's-b-#' },
  });
});

describe('retry', () => {
  operatorLaws(() => retry(1), { error: { expected: '-a--a-#' } });
});

describe('toArray', () => {
  const values = { x: ['a', 'b', 'c'], e: [] as string[] };
  operatorLaws<string[]>(() => toArray(), {
    prompt: false,
    values: { expected: '-----(x|)', values },
    synchronous: { expected: '(x|)', values },
    empty: { expected: '--(e|)', values },
    error: { expected: '---#' },
  });
});

describe('delay', () => {
  operatorLaws(() => delay(1), {
    prompt: false,
    values: { source: '-a-b-c-|', expected: '--a-b-c|' },
    synchronous: { expected: '-(abc|)' },
    error: { source: '-a--#', expected: '--a-#' },
  });
});

type Faulty = () => MonoTypeOperatorFunction<string>;
/** An operator that passes everything on, changed by `change`. */
const rewired =
  (change: (subscriber: Subscriber<string>) => Partial<Observer<string>>, unsubscribes = true): Faulty =>
  () =>
  (source) =>
    new Observable((subscriber) => {
      const inner = source.subscribe({
        next: (value) => {
          subscriber.next(value);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
        ...change(subscriber),
      });
      return unsubscribes ? inner : undefined;
    });

const subscribesAtOnce: Faulty = () => (source) => {
  source.subscribe({ error: noop });
  return source;
};
const countsAcrossSubscriptions: Faulty = () => (source) => {
  let count = 0;
  return source.pipe(map((value) => `${value}${String((count += 1))}`));
};

describe('the operator laws find a fault', () => {
  it.each<[fault: string, law: string, create: Faulty]>([
    ['subscribes at once', 'is cold', subscribesAtOnce],
    ['shares its source', 'is cold', () => shareReplay<string>({ bufferSize: 1, refCount: false })],
    ['keeps an error', 'keeps nothing', () => share<string>({ resetOnError: false })],
    ['counts across subscriptions', 'keeps nothing', countsAcrossSubscriptions],
    ['drops values', 'passes synchronous values', () => exhaustMap((value) => of(value).pipe(delay(3)))],
    ['swallows errors', 'passes an error on', rewired(() => ({ error: noop }))],
    [
      'replaces errors',
      'gives the subscriber an error',
      rewired((to) => ({
        error: () => {
          to.error('another');
        },
      })),
    ],
    ['completes a silent source', 'waits with a silent source', () => takeUntil(of(1))],
    ['never unsubscribes', 'unsubscribes from its source', rewired(() => ({}), false)],
    ['cannot be stopped within a synchronous source', 'stops a synchronous source', rewired(() => ({}))],
  ])('of an operator that %s', (_fault, law, create) => {
    const failed = lawsOf(create).filter(({ check }) => {
      try {
        check();
        return false;
      } catch {
        return true;
      }
    });
    expect(failed.map(({ title }) => title)).toContainEqual(expect.stringContaining(law));
  });
});
