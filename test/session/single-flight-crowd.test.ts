import { defer, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { singleFlight } from '../../src/session/single-flight.ts';

describe('singleFlight with many subscribers', () => {
  /** Runs that are ended by hand, and their number. */
  const runs = () => {
    const ends: ((value: number) => void)[] = [];
    const run$ = new Observable<number>((subscriber) => {
      ends.push((value) => {
        subscriber.next(value);
        subscriber.complete();
      });
    });
    return { ends, source$: defer(singleFlight(run$)) };
  };

  it('gives the same Observable to at most 256 subscribers, and another Observable of the same run to the next ones', () => {
    let runs = 0;
    const join = singleFlight(
      new Observable(() => {
        runs += 1;
      }),
    );
    const joined = Array.from({ length: 600 }, () => {
      const run$ = join();
      run$.subscribe();
      return run$;
    });
    expect(new Set(joined).size).toBe(3);
    expect([joined[255], joined[256]]).toEqual([joined[0], joined[511]]);
    expect(joined[255]).not.toBe(joined[256]);
    expect(runs).toBe(1);
  });

  it('makes one run for thousands, and emits once to each', () => {
    const { ends, source$ } = runs();
    const values: number[] = [];
    for (let i = 0; i < 3000; i += 1) source$.subscribe((value) => values.push(value));
    expect(ends).toHaveLength(1);
    ends[0]?.(7);
    expect(values).toEqual(Array<number>(3000).fill(7));
  });

  it('starts a new run for a subscriber that subscribes again while the others are being notified', () => {
    const { ends, source$ } = runs();
    const again: number[] = [];
    const askAgain = (): void => void source$.subscribe((value) => again.push(value));
    let told = 0;
    for (let i = 0; i < 600; i += 1)
      source$.subscribe(() => {
        told += 1;
        if (told === 1) askAgain();
      });
    ends[0]?.(1);
    expect(told).toBe(600);
    expect(ends).toHaveLength(2);
    ends[1]?.(2);
    expect(again).toEqual([2]);
  });

  it('starts a new run for a subscriber that subscribes again while the others are notified that the run has failed', () => {
    let count = 0;
    let retold = 0;
    let fail = (): void => undefined;
    const run$ = new Observable<number>((subscriber) => {
      count += 1;
      fail = () => {
        subscriber.error(new Error('no'));
      };
    });
    const source$ = defer(singleFlight(run$));
    const askAgain = (): void => void source$.subscribe({ error: () => undefined });
    for (let i = 0; i < 600; i += 1)
      source$.subscribe({
        error: () => {
          retold += 1;
          if (retold === 1) askAgain();
        },
      });
    fail();
    expect(retold).toBe(600);
    expect(count).toBe(2);
  });

  it('continues when all 600 subscribers have left: a later one gets the value of the same run', () => {
    const { ends, source$ } = runs();
    const left = Array.from({ length: 600 }, () => source$.subscribe());
    for (const one of left) one.unsubscribe();
    const values: number[] = [];
    source$.subscribe((value) => values.push(value));
    expect(ends).toHaveLength(1);
    ends[0]?.(3);
    expect(values).toEqual([3]);
  });
});
