import { defer, EMPTY, Observable, take, type OperatorFunction } from 'rxjs';
import { expect, it } from 'vitest';
import { marbles } from './marbles.ts';
import { probe } from './probe.ts';
import { record } from './recorder.ts';

/** What a source emits and what the operator makes of it, as marbles. */
export interface Departure<R> {
  readonly source?: string;
  readonly expected: string;
  readonly values?: Readonly<Record<string, R>>;
  /** The error that `#` in `expected` means. */
  readonly error?: unknown;
}

/** Sources that pass through an operator unchanged, unless it says otherwise. */
const passing = {
  values: { title: 'passes values through, when they come', marbles: '-a-b-(c|)' },
  synchronous: { title: 'passes synchronous values through', marbles: '(abc|)' },
  empty: { title: 'completes with an empty source', marbles: '--|' },
  never: { title: 'waits with a silent source', marbles: '-' },
  error: { title: 'passes an error on, once', marbles: '-a-#' },
} as const;
type Passing = keyof typeof passing;

/** For an operator that does not pass everything through: its own marbles, or `false` for no such law. */
export type Departures<R> = Partial<Record<Passing, Departure<R> | false>> & {
  /** `false` for an operator that emits nothing while its source emits synchronously, because it collects or delays. */
  readonly prompt?: boolean;
};

export interface Law {
  readonly title: string;
  check(): void;
}

type Create<R> = () => OperatorFunction<string, R>;

/**
 * Tests, in the surrounding `describe`, that an operator on a cold source behaves as RxJS users expect of any
 * operator. A new operator is made for each law, for sources of the strings `a`, `b`, `c`.
 */
export function operatorLaws<R = string>(create: Create<R>, departures: Departures<R> = {}): void {
  for (const { title, check } of lawsOf(create, departures)) it(title, check);
}

export function lawsOf<R = string>(create: Create<R>, departures: Departures<R> = {}): Law[] {
  const names = (Object.keys(passing) as Passing[]).filter((name) => departures[name] !== false);
  return [
    ...names.map((name) => passes(create, name, given(departures[name]))),
    isCold(create),
    startsAfresh(create),
    leavesItsSource(create, given(departures.never)),
    ...(departures.prompt === false ? [] : [stopsInTime(create)]),
    tearsDown(create),
    ...(departures.error === undefined ? [passesThrownErrors(create)] : []),
  ];
}

const given = <R>(departure: Departure<R> | false | undefined): Departure<R> | undefined =>
  departure === false ? undefined : departure;

function passes<R>(create: Create<R>, name: Passing, departure?: Departure<R>): Law {
  const { title, marbles: diagram } = passing[name];
  const { source = diagram, expected, values, error } = departure ?? { expected: diagram };
  return {
    title,
    check: () => {
      marbles(({ cold, expectObservable }) => {
        expectObservable(cold(source).pipe(create())).toBe(expected, values, error);
      });
    },
  };
}

function isCold<R>(create: Create<R>): Law {
  return {
    title: 'is cold: subscribes to its source when it is subscribed to, each time anew',
    check() {
      const source = probe((subscriber) => {
        subscriber.next('a');
        subscriber.complete();
      });
      const result$ = source.source$.pipe(create());
      expect(source.subscribed).toBe(0);
      const first = record(result$);
      expect(source.subscribed).toBe(1);
      const second = record(result$);
      expect(source.subscribed).toBe(2);
      expect(second.events).toEqual(first.events);
    },
  };
}

function startsAfresh<R>(create: Create<R>): Law {
  return {
    title: 'keeps nothing from one subscription to the next',
    check() {
      const diagrams = { failing: '-a-#', left: '-b-----', whole: '-a-(b|)' };
      const alone = Object.entries(diagrams).map(([name, diagram]) => [name, eventsOf([diagram], create)[0]]);
      const inARow = eventsOf(Object.values(diagrams), create);
      expect(Object.fromEntries(Object.keys(diagrams).map((name, index) => [name, inARow[index]]))).toEqual(
        Object.fromEntries(alone),
      );
    },
  };
}

/**
 * What subscribing to one piped Observable emits when its source is the first given one at the first subscription,
 * and so on.
 */
function eventsOf<R>(diagrams: readonly string[], create: Create<R>): unknown[] {
  return marbles(({ cold, flush }) => {
    const sources = diagrams.map((diagram) => cold(diagram));
    let run = 0;
    const result$ = defer(() => sources[run] ?? EMPTY).pipe(create());
    return diagrams.map((_diagram, index) => {
      run = index;
      const recording = record(result$);
      flush();
      recording.unsubscribe();
      return recording.events;
    });
  });
}

function leavesItsSource<R>(create: Create<R>, departure?: Departure<R>): Law {
  const { expected, values } = departure ?? { expected: '-' };
  return {
    title: 'unsubscribes from its source when it is left, and gives nothing more',
    check: () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-----a-|');
        expectObservable(source.pipe(create()), '^--!').toBe(expected, values);
        expectSubscriptions(source.subscriptions).toBe('^--!');
      });
    },
  };
}

function stopsInTime<R>(create: Create<R>): Law {
  return {
    title: 'stops a synchronous source as soon as the subscriber has enough',
    check() {
      let pulled = 0;
      const source = probe((subscriber) => {
        for (const value of ['a', 'b', 'c']) {
          if (subscriber.closed) return;
          pulled += 1;
          subscriber.next(value);
        }
        subscriber.complete();
      });
      const taken = record(source.source$.pipe(create(), take(1)));
      expect(taken.expectOneOutcome().kind).toBe('complete');
      expect(pulled).toBeLessThanOrEqual(1);
      expect(source.tornDown).toBe(source.subscribed);
    },
  };
}

function tearsDown<R>(create: Create<R>): Law {
  return {
    title: 'leaves no subscription behind, however it ends',
    check() {
      const completing = probe((subscriber) => {
        subscriber.complete();
      });
      const failing = probe((subscriber) => {
        subscriber.error(new Error('over'));
      });
      const silent = probe(() => undefined);
      for (const source of [completing, failing, silent]) {
        record(source.source$.pipe(create())).unsubscribe();
        expect(source.tornDown).toBe(source.subscribed);
      }
    },
  };
}

function passesThrownErrors<R>(create: Create<R>): Law {
  return {
    title: 'gives the subscriber an error that is thrown at subscribing',
    check() {
      const error = new Error('thrown');
      const source$ = new Observable<string>(() => {
        throw error;
      });
      expect(record(source$.pipe(create())).events).toEqual([{ kind: 'error', error }]);
    },
  };
}
