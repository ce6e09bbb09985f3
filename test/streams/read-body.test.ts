import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/streams/read-body.ts';
import { record } from '../support/recorder.ts';

const chunk = (n: number): Uint8Array => Uint8Array.of(n % 256);
const timerFires = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const parser = { push: (bytes: Uint8Array) => [bytes.length] };

/** A body that always has another chunk at once. */
function flood(): { body: ReadableStream<Uint8Array>; pulled: () => number; cancelled: () => boolean } {
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (sink) => {
        pulled += 1;
        sink.enqueue(chunk(pulled));
      },
      cancel: () => {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulled: () => pulled, cancelled: () => cancelled };
}

describe('reading a body', () => {
  it('lets other tasks of the event loop run while chunks arrive without a pause', async () => {
    const { body, cancelled } = flood();
    const recording = record(readBody(body, parser));
    // Without turns of the event loop, no timer would fire: the test would run into its time limit.
    while (recording.values.length === 0) await timerFires();
    recording.unsubscribe();
    expect(cancelled()).toBe(true);
  });

  it('lets other tasks of the event loop run within one chunk that yields endless values', async () => {
    const body = new Blob(['x']).stream();
    const endless = {
      *push() {
        for (;;) yield 1;
      },
    };
    let count = 0;
    const subscription = readBody(body, endless).subscribe(() => (count += 1));
    while (count === 0) await timerFires();
    subscription.unsubscribe();
    const counted = count;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count).toBe(counted);
  });

  it('reads nothing while `next` runs', async () => {
    const { body, pulled } = flood();
    const pulls: number[] = [];
    const subscription = readBody(body, parser).subscribe(() => pulls.push(pulled()));
    while (pulls.length < 5) await timerFires();
    subscription.unsubscribe();
    expect(pulls.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['text', 'abc', 3],
    ['bytes', new Uint8Array(4), 4],
  ])('reads %s from a mock as the whole body', async (_, body, length) => {
    expect(await record(readBody(body, parser)).outcome).toEqual({ kind: 'complete', values: [length] });
  });

  it.each([undefined, null, ''])('reads %j as an empty body', async (body) => {
    expect(await record(readBody(body, { push: () => [], finish: () => ['end'] })).outcome).toEqual({
      kind: 'complete',
      values: ['end'],
    });
  });

  it.each([{ a: 1 }, 5, new ArrayBuffer(1)])('fails for %o, and does not read it as an empty body', async (body) => {
    expect(await record(readBody(body, parser)).outcome).toMatchObject({
      kind: 'error',
      error: { code: 'stream-failed', reason: 'not-a-stream' },
    });
  });
});
