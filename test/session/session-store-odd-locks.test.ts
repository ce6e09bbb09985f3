import { asyncScheduler } from 'rxjs';
import { memoryStore, type TokenStore } from 'sluice/session';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { settle, setUp, tokensOf } from './fixture.ts';

failOnUnhandled();

type Work = () => Promise<unknown>;

describe('a lock', () => {
  it('that is never granted is done without, after twice the timeout, and reported', () => {
    marbles(({ expectObservable, flush }) => {
      const store: TokenStore = { ...memoryStore(tokensOf(1)), lock: () => new Promise<never>(() => {}) };
      const { session, story } = setUp({ store, refreshTimeoutMs: 100 });
      expectObservable(session.refresh$).toBe('200ms (t|)', { t: tokensOf(2) });
      flush();
      expect(store.get()).toEqual(tokensOf(2));
      expect(story()).toContain('store-failed lock TimeoutError');
    });
  });

  it('that is never granted is waited for without an end where the refresh is', () => {
    marbles(({ flush }) => {
      const store: TokenStore = { ...memoryStore(tokensOf(1)), lock: () => new Promise<never>(() => {}) };
      const { session } = setUp({ store, refreshTimeoutMs: Infinity });
      const waiting = record(session.refresh$);
      flush();
      expect([waiting.settled, asyncScheduler.now()]).toEqual([undefined, 0]);
    });
  });

  it('that is granted too late finds the work done', async () => {
    let grant: (() => Promise<unknown>) | undefined;
    const store: TokenStore = {
      ...memoryStore(tokensOf(1)),
      lock: (work) => {
        grant = work;
        return new Promise<never>(() => {});
      },
    };
    const { session, refresh } = setUp({ store, refreshTimeoutMs: 5 });
    await record(session.refresh$).outcome;
    expect(refresh).toHaveBeenCalledTimes(1);
    await grant?.();
    await settle();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2), generation: 2 });
  });

  it.each<[string, () => Promise<never>]>([
    ['is rejected', () => Promise.reject(new TypeError('access-1'))],
    [
      'throws',
      () => {
        throw new TypeError('access-1');
      },
    ],
  ])('that %s is done without, and reported', async (_title, lock) => {
    const { session, story } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(story()).toEqual([
      'restored 1',
      'refresh-started requested 1',
      'store-failed lock TypeError',
      'refresh-succeeded 2',
    ]);
  });

  it('that fails after the work is done changes nothing', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      throw new Error('could not be released');
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(session.state.status).toBe('signed-in');
  });

  it('that is never released holds nobody whose tokens are there', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      return new Promise<never>(() => {});
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    const one = record(session.refresh$);
    await settle();
    expect(one.settled).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('that never runs the work is done without', async () => {
    const lock = (): Promise<never> => Promise.resolve(undefined as never);
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('that forgets the result of the work is not asked for it', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      return undefined as never;
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('is waited for without end where `refreshTimeoutMs` is Infinity', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const lock: TokenStore['lock'] = () => new Promise(() => undefined);
    const { session, refresh } = setUp({ store: { ...memoryStore(tokensOf(1)), lock }, refreshTimeoutMs: Infinity });
    const { unsubscribe } = record(session.refresh$);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(refresh).not.toHaveBeenCalled();
    unsubscribe();
  });
});

describe('a lock that drops the promise of the work', () => {
  it.each<[string, (work: Work) => unknown]>([
    [
      'and promises something else',
      (work) => {
        void work();
        return Promise.resolve();
      },
    ],
    ['and promises nothing', (work) => void work()],
  ])('%s leaves no rejection behind when the refresh fails', async (_, lock) => {
    const { session } = setUp({
      store: { ...memoryStore(tokensOf(1)), lock: lock as never },
      refresh: () => Promise.reject(new Error('offline')),
    });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'unavailable' } });
    await settle();
  });
});
