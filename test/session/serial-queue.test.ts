import { concat, defer, EMPTY, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SerialQueue } from '../../src/session/serial-queue.ts';
import { record } from '../support/recorder.ts';

describe('SerialQueue', () => {
  it('runs a work at once without a subscriber, and replays its last value', () => {
    const queue = new SerialQueue();
    let runs = 0;
    const done$ = queue.add(defer(() => of((runs += 1), 'last')));
    expect(runs).toBe(1);
    expect(record(done$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['last'] });
    expect(record(done$).values).toEqual(['last']);
    expect(runs).toBe(1);
  });

  it('starts each work when the previous one has ended or failed', () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const work = (name: string) => {
      const gate$ = new Subject<void>();
      const done$ = queue.add(defer(() => (log.push(name), gate$)));
      return { gate$, done: record(done$) };
    };
    const [one, two, three] = [work('one'), work('two'), work('three')];
    expect(log).toEqual(['one']);
    one.gate$.error(new Error('failed'));
    expect(log).toEqual(['one', 'two']);
    two.gate$.complete();
    expect(log).toEqual(['one', 'two', 'three']);
    three.gate$.complete();
    expect([one.done.settled?.kind, two.done.settled?.kind]).toEqual(['error', 'complete']);
  });

  it('runs a work to its end when its subscriber has unsubscribed', () => {
    const queue = new SerialQueue();
    const gate$ = new Subject<string>();
    let ended = false;
    record(
      queue.add(
        concat(
          gate$,
          defer(() => ((ended = true), EMPTY)),
        ),
      ),
    ).unsubscribe();
    gate$.complete();
    expect(ended).toBe(true);
  });

  it('runs a work that is added from within another one after it', () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    queue
      .add(
        defer(() => {
          queue.add(defer(() => of(log.push('inner')))).subscribe();
          log.push('outer');
          return EMPTY;
        }),
      )
      .subscribe();
    expect(log).toEqual(['outer', 'inner']);
  });

  it('continues after an error that has no subscriber', () => {
    const queue = new SerialQueue();
    void queue.add(throwError(() => new Error('unheard')));
    expect(record(queue.add(of(1))).values).toEqual([1]);
  });
});
