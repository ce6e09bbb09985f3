import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { expect, it } from 'vitest';
import { record } from './recorder.ts';
import { watchUnhandled } from './watch-unhandled.ts';

it('a recording contains values and completion', async () => {
  const recording = record(of(1, 2));
  expect(recording.events).toEqual([{ kind: 'next', value: 1 }, { kind: 'next', value: 2 }, { kind: 'complete' }]);
  expect(await recording.outcome).toEqual({ kind: 'complete', values: [1, 2] });
  expect(recording.expectOneOutcome()).toBe(recording.settled);
});

it('a recording contains an error', async () => {
  const broken = new Error('broken');
  const recording = record(throwError(() => broken));
  expect(await recording.outcome).toEqual({ kind: 'error', error: broken, values: [] });
});

it('a recording contains its own unsubscription', async () => {
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

it('a recording without an outcome says so', () => {
  const recording = record(NEVER);
  expect(() => recording.expectOneOutcome()).toThrow('no outcome yet; so far: nothing');
  expect(recording.settled).toBeUndefined();
});

it('a recording is torn down with the end of its source', () => {
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
] as const)('a recording reports %s', async (_what, message, late) => {
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

it('a recording reports a value after unsubscribing', async () => {
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
