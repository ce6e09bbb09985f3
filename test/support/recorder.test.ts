import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { expect, it } from 'vitest';
import { record } from './recorder.ts';
import { watchUnhandled } from './watch-unhandled.ts';

it('record() of a source that emits and completes has its values and its completion', async () => {
  const recording = record(of(1, 2));
  expect(recording.events).toEqual([{ kind: 'next', value: 1 }, { kind: 'next', value: 2 }, { kind: 'complete' }]);
  expect(await recording.outcome).toEqual({ kind: 'complete', values: [1, 2] });
  expect(recording.expectOneOutcome()).toBe(recording.settled);
});

it('record() of a source that fails has its error as the outcome, and does not throw it', async () => {
  const broken = new Error('broken');
  const recording = record(throwError(() => broken));
  expect(await recording.outcome).toEqual({ kind: 'error', error: broken, values: [] });
});

it('record() has the outcome `unsubscribed` after its unsubscribe()', async () => {
  const source = new Subject<number>();
  const recording = record(source);
  source.next(1);
  recording.unsubscribe();
  recording.unsubscribe();
  source.next(2);
  expect(source.observed).toBe(false);
  expect(recording.subscription.closed).toBe(true);
  expect(await recording.outcome).toEqual({ kind: 'unsubscribed', values: [1] });
});

it('expectOneOutcome() of record() throws while the source has not ended', () => {
  const recording = record(NEVER);
  expect(() => recording.expectOneOutcome()).toThrow('no outcome yet; so far: nothing');
  expect(recording.settled).toBeUndefined();
});

it('record() runs the teardown of its source when the source ends', () => {
  let tornDown = 0;
  record(
    new Observable((subscriber) => {
      subscriber.add(() => (tornDown += 1));
      subscriber.complete();
    }),
  );
  expect(tornDown).toBe(1);
});

it.each([
  ['a second end', "'complete' came after the outcome 'complete'; all: complete, complete", 'complete'],
  ['a late value', "'next' came after the outcome 'complete'; all: complete, next", 'next'],
  ['a late error', "'error' came after the outcome 'complete'; all: complete, error", 'error'],
] as const)('record() reports %s that a source sends after it has completed', async (_what, message, late) => {
  const watch = watchUnhandled({ alone: true });
  try {
    const recording = record(
      new Observable<unknown>((subscriber) => {
        subscriber.complete();
        subscriber[late](undefined);
      }),
    );
    expect(() => recording.expectOneOutcome()).toThrow(message);
    await expect(watch.check()).rejects.toThrow(message);
  } finally {
    watch.stop();
  }
});

it('record() reports a value that a source sends after unsubscribe()', async () => {
  const watch = watchUnhandled({ alone: true });
  try {
    let give: (value: number) => void = () => undefined;
    const recording = record(
      new Observable<number>((subscriber) => {
        give = (value) => {
          subscriber.next(value);
        };
      }),
    );
    recording.unsubscribe();
    give(1);
    expect(() => recording.expectOneOutcome()).toThrow("'next' came after the outcome 'unsubscribed'");
    await expect(watch.check()).rejects.toThrow('unsubscribed');
  } finally {
    watch.stop();
  }
});
