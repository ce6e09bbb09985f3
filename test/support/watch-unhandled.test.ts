import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failOnUnhandled, watchUnhandled } from './watch-unhandled.ts';

const watching = async (act: () => unknown): Promise<unknown> => {
  const watch = watchUnhandled({ alone: true });
  try {
    act();
    return await watch.check().catch((error: unknown) => (error as AggregateError).errors as unknown[]);
  } finally {
    watch.stop();
  }
};

it('watchUnhandled finds unhandled rejections', async () => {
  expect(await watching(() => Promise.reject(new Error('lost')))).toEqual([new Error('lost')]);
});

it('watchUnhandled finds errors thrown from a timer, as RxJS reports them', async () => {
  const failing$ = new Observable((subscriber) => {
    subscriber.error(new Error('nobody listens'));
  });
  expect(await watching(() => failing$.subscribe())).toEqual([new Error('nobody listens')]);
});

it('watchUnhandled finds nothing when nothing is unhandled', async () => {
  expect(await watching(() => Promise.reject(new Error('handled')).catch(() => 0))).toBeUndefined();
});

it('watchUnhandled restores the listeners', async () => {
  const listeners = (): unknown[] => [
    process.rawListeners('uncaughtException'),
    process.rawListeners('unhandledRejection'),
  ];
  const before = listeners();
  await watching(() => undefined);
  watchUnhandled().stop();
  expect(listeners()).toEqual(before);
});

describe('failOnUnhandled in every test', () => {
  failOnUnhandled();
  const count = (): number => process.listenerCount('unhandledRejection');
  let first: number;
  it('adds a listener before the test', () => {
    first = count();
    expect(first).toBeGreaterThan(0);
  });
  it('leaves no listener of an earlier test', () => {
    expect(count()).toBe(first);
  });
});
