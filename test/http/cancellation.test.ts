import { AxiosHeaders, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../../src/http/cancellation.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();

const config = (more: Partial<InternalAxiosRequestConfig> = {}): InternalAxiosRequestConfig => ({
  headers: new AxiosHeaders(),
  ...more,
});

/** An Observable to wait for, and the number of its subscribers. */
function wait() {
  const outcome$ = new Subject<string>();
  const waiting = { now: 0, ever: 0 };
  const wait$ = new Observable<string>((subscriber) => {
    waiting.now += 1;
    waiting.ever += 1;
    subscriber.add(() => {
      waiting.now -= 1;
    });
    outcome$.subscribe(subscriber);
  });
  return { wait$, outcome$, waiting };
}

describe('a waiting request', () => {
  it('without a signal shares one subscription with the others that have none', async () => {
    const { wait$, outcome$, waiting } = wait();
    const all = [1, 2, 3].map(() => unlessAborted(wait$, config()));
    expect(waiting.ever).toBe(1);
    outcome$.next('done');
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
    expect(waiting.now).toBe(0);
  });

  it('without a signal fails together with the others', async () => {
    const { wait$, outcome$ } = wait();
    const all = [1, 2].map(() => unlessAborted(wait$, config()));
    outcome$.error(new Error('no'));
    expect(await Promise.allSettled(all)).toMatchObject([{ reason: { message: 'no' } }, { reason: { message: 'no' } }]);
  });

  it('shares no wait with a request that waits for another refresh', () => {
    const [one, other] = [wait(), wait()];
    void unlessAborted(one.wait$, config());
    void unlessAborted(other.wait$, config());
    expect([one.waiting.ever, other.waiting.ever]).toEqual([1, 1]);
  });

  it('with a signal waits on its own, and can be cancelled', async () => {
    const { wait$, outcome$, waiting } = wait();
    const controller = new AbortController();
    const stays = unlessAborted(wait$, config());
    const leaves = unlessAborted(wait$, config({ signal: controller.signal }));
    expect(waiting).toEqual({ now: 2, ever: 2 });
    controller.abort();
    await expect(leaves).rejects.toBeInstanceOf(CanceledError);
    expect(waiting.now).toBe(1);
    outcome$.next('done');
    expect(await stays).toBe('done');
  });

  it('may have a signal with nothing but `aborted`', async () => {
    const { wait$, outcome$ } = wait();
    const waits = unlessAborted(wait$, config({ signal: { aborted: false } }));
    outcome$.next('done');
    expect(await waits).toBe('done');
  });

  it('may have a cancel token whose promise is a plain one', async () => {
    const { wait$, outcome$, waiting } = wait();
    const plain = { promise: new Promise<never>(() => undefined), throwIfRequested: () => undefined };
    const waits = unlessAborted(wait$, config({ cancelToken: plain as never }));
    outcome$.next('done');
    expect(await waits).toBe('done');
    expect(waiting.now).toBe(0);
  });
});
