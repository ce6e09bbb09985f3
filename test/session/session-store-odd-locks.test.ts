import { memoryStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { settle, setUp, tokensOf } from './fixture.ts';

failOnUnhandled();

type Work = () => Promise<unknown>;

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
