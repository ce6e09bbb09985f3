import { defer, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { singleFlight } from '../../src/session/single-flight.ts';
import { marbles } from '../support/marbles.ts';
import { probe } from '../support/probe.ts';
import { record } from '../support/recorder.ts';

describe('singleFlight', () => {
  it('does nothing before it is subscribed to', () => {
    const source = probe(() => {});
    void singleFlight(source.source$)();
    expect(source.subscribed).toBe(0);
  });

  it('shares one run, and emits its last value at completion', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--(b|)');
      const shared$ = defer(singleFlight(source));
      expectObservable(shared$).toBe('-----(b|)');
      expectObservable(shared$, '---^').toBe('-----(b|)');
      expectSubscriptions(source.subscriptions).toBe('^----!');
      expectObservable(hot('-')).toBe('-');
    });
  });

  it.each(['complete', 'error'] as const)('gives the same Observable for one run, and another one after %s', (end) => {
    let run$ = new Subject<string>();
    const join = singleFlight(
      defer(() => {
        run$ = new Subject<string>();
        return run$;
      }),
    );
    const joined = Array.from({ length: 4 }, () => {
      const first$ = join();
      let within: unknown;
      const ask = (): void => {
        within = join();
      };
      first$.subscribe({ complete: ask, error: ask });
      expect(join()).toBe(first$);
      if (end === 'error') run$.error(new Error('no'));
      else run$.complete();
      expect(join()).toBe(within);
      return first$;
    });
    expect(new Set(joined).size).toBe(4);
  });

  it('shares a failure', () => {
    marbles(({ cold, expectObservable }) => {
      const shared$ = defer(singleFlight(cold('--#')));
      expectObservable(shared$).toBe('--#');
      expectObservable(shared$, '-^').toBe('--#');
    });
  });

  it('continues when all subscribers have left, and can be joined again', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-----(a|)');
      const shared$ = defer(singleFlight(source));
      expectObservable(shared$, '^!').toBe('-');
      expectObservable(shared$, '---^').toBe('-----(a|)');
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('starts a new run after the previous one has completed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--(a|)');
      const shared$ = defer(singleFlight(source));
      expectObservable(shared$).toBe('--(a|)');
      expectObservable(shared$, '----^').toBe('------(a|)');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '----^-!']);
    });
  });

  it('starts a new run after the previous one has failed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--#');
      const shared$ = defer(singleFlight(source));
      expectObservable(shared$).toBe('--#');
      expectObservable(shared$, '----^').toBe('------#');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '----^-!']);
    });
  });

  it.each(['next', 'complete', 'error'] as const)(
    'starts a new run for a subscriber that subscribes again within its `%s` callback',
    (within) => {
      const runs: Subject<string>[] = [];
      const source$ = defer(() => {
        const run$ = new Subject<string>();
        runs.push(run$);
        return run$;
      });
      const shared$ = defer(singleFlight(source$));
      const heard: unknown[] = [];
      const again = (): void => {
        shared$.subscribe({ next: (value) => heard.push(value), error: (error: unknown) => heard.push(error) });
      };
      shared$.subscribe({ error: () => {}, [within]: again });
      const end = (run: number): void => {
        if (within === 'error') runs[run]?.error(new Error(`run ${run}`));
        else runs[run]?.next(`run ${run}`);
        runs[run]?.complete();
      };
      end(0);
      expect([runs.length, heard]).toEqual([2, []]);
      end(1);
      expect([runs.length, heard.map(String)]).toEqual([2, [within === 'error' ? 'Error: run 1' : 'run 1']]);
    },
  );

  it('runs again for each subscriber of a synchronous source', () => {
    let runs = 0;
    const shared$ = defer(singleFlight(defer(() => of(++runs))));
    expect([record(shared$).values, record(shared$).values]).toEqual([[1], [2]]);
    const failing$ = defer(singleFlight(defer(() => throwError(() => new Error(`run ${++runs}`)))));
    expect([record(failing$).settled, record(failing$).settled]).toMatchObject([
      { error: { message: 'run 3' } },
      { error: { message: 'run 4' } },
    ]);
  });
});
