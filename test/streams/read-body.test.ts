import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { lastValueFrom, type Observable, reduce } from 'rxjs';
import { type BodyParser, type ChunkListener, emitValues, readBody } from '../../src/streams/read-body.ts';
import { textParser } from '../../src/streams/text-parser.ts';
import { record } from '../support/recorder.ts';

const chunk = (n: number): Uint8Array => Uint8Array.of(n % 256);
const timerFires = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A parser with these values for each chunk, and these for the end. */
function parserOf<T>(valuesOf: (bytes: Uint8Array) => Iterable<T>, end: readonly T[] = []): BodyParser<T> {
  let values: Iterator<T> = [][Symbol.iterator]();
  return {
    push(bytes) {
      values = valuesOf(bytes)[Symbol.iterator]();
    },
    finish() {
      values = end[Symbol.iterator]();
    },
    next() {
      const result = values.next();
      return result.done ? undefined : result.value;
    },
  };
}

const listener: ChunkListener = { arrived: () => undefined, emitted: () => undefined, failed: (cause) => cause };
const lengths = (): BodyParser<number> => parserOf((bytes) => [bytes.length]);
const valuesOf = <T>(body: unknown, parser: BodyParser<T>): Observable<T> =>
  readBody(body, parser, listener).pipe(emitValues);

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
    const recording = record(valuesOf(body, lengths()));
    // Without turns of the event loop, no timer would fire: the test would run into its time limit.
    while (recording.values.length === 0) await timerFires();
    recording.unsubscribe();
    expect(cancelled()).toBe(true);
  });

  it('lets other tasks of the event loop run while chunks arrive that complete no value, such as comments', async () => {
    const { body, cancelled } = flood();
    const recording = record(
      valuesOf(
        body,
        parserOf(() => []),
      ),
    );
    for (let i = 0; i < 3; i += 1) await timerFires();
    recording.unsubscribe();
    expect([cancelled(), recording.values]).toEqual([true, []]);
  });

  it('lets other tasks of the event loop run within one chunk that yields endless values', async () => {
    const body = new Blob(['x']).stream();
    const endless = parserOf(function* () {
      for (;;) yield 1;
    });
    let count = 0;
    const subscription = valuesOf(body, endless).subscribe(() => (count += 1));
    while (count === 0) await timerFires();
    subscription.unsubscribe();
    const counted = count;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count).toBe(counted);
  });

  it('reads nothing while `next` runs', async () => {
    const { body, pulled } = flood();
    const pulls: number[] = [];
    const subscription = valuesOf(body, lengths()).subscribe(() => pulls.push(pulled()));
    while (pulls.length < 5) await timerFires();
    subscription.unsubscribe();
    expect(pulls.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('emits what comes before an error of the parser, then fails with it and reads no more', async () => {
    const { body, cancelled } = flood();
    const broken = parserOf(function* () {
      yield 1;
      throw new SyntaxError('broken');
    });
    const recording = record(valuesOf(body, broken));
    expect(await recording.outcome).toMatchObject({ kind: 'error', error: new SyntaxError('broken') });
    expect([recording.values, cancelled()]).toEqual([[1], true]);
  });

  it.each([
    ['text', 'abc', 3],
    ['bytes', new Uint8Array(4), 4],
  ])('reads %s from a mock as the whole body', async (_, body, length) => {
    expect(await record(valuesOf(body, lengths())).outcome).toEqual({ kind: 'complete', values: [length] });
  });

  it.each([
    ['a Node stream', () => Readable.from(['ab', 'c'])],
    ['a web stream', () => new Blob(['abc']).stream().pipeThrough(new TextDecoderStream())],
  ])('reads %s of text, as a mock or a transform of the app gives it', async (_, body) => {
    const text = await lastValueFrom(valuesOf(body(), textParser()).pipe(reduce((all, piece) => all + piece, '')));
    expect(text).toBe('abc');
  });

  it.each([undefined, null, ''])('reads %j as an empty body', async (body) => {
    expect(
      await record(
        valuesOf(
          body,
          parserOf(() => [], ['end']),
        ),
      ).outcome,
    ).toEqual({
      kind: 'complete',
      values: ['end'],
    });
  });

  it.each([{ a: 1 }, 5, new ArrayBuffer(1)])('fails for %o, and does not read it as an empty body', async (body) => {
    expect(await record(valuesOf(body, lengths())).outcome).toMatchObject({
      kind: 'error',
      error: { code: 'stream-failed', reason: 'not-a-stream' },
    });
  });
});
