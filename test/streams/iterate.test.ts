import { iterate } from 'sluice/streams';
import { concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** A source that says how many have subscribed and left. */
function watched<T>(source: Observable<T>): { source: Observable<T>; subscribed: number; left: number } {
  const counts = {
    subscribed: 0,
    left: 0,
    source: new Observable<T>((subscriber) => {
      counts.subscribed += 1;
      subscriber.add(() => (counts.left += 1));
      source.subscribe(subscriber);
    }),
  };
  return counts;
}

describe('iterate()', () => {
  it('gives all values of a synchronous source, and ends with it', async () => {
    expect(await all(iterate(of(1, 2, 3)))).toEqual([1, 2, 3]);
  });

  it('subscribes for each loop, and not before the loop begins', async () => {
    const counts = watched(of(1));
    const values = iterate(counts.source);
    expect(counts.subscribed).toBe(0);
    await all(values);
    await all(values);
    expect(counts).toMatchObject({ subscribed: 2, left: 2 });
  });

  it('throws the error of the source after the values that came before it', async () => {
    const error = new Error('broken');
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const value of iterate(
        concat(
          of(1, 2),
          throwError(() => error),
        ),
      ))
        seen.push(value);
    };
    await expect(loop()).rejects.toBe(error);
    expect(seen).toEqual([1, 2]);
  });

  it.each(['break', 'throw'])('unsubscribes when the loop is left by %s', async (how) => {
    const counts = watched(concat(of(1, 2), NEVER));
    const loop = async (): Promise<void> => {
      for await (const value of iterate(counts.source)) {
        if (value < 2) continue;
        if (how === 'break') break;
        throw new Error('left');
      }
    };
    await loop().catch(() => undefined);
    expect(counts.left).toBe(1);
  });

  it('can be left while it waits for a value that never comes', async () => {
    const counts = watched(NEVER);
    const iterator = iterate(counts.source)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(counts).toMatchObject({ subscribed: 1, left: 1 });
  });

  it('does not subscribe when `return()` of its iterator is called before the first `next()`', async () => {
    const counts = watched(of(1));
    const iterator = iterate(counts.source)[Symbol.asyncIterator]();
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(counts.subscribed).toBe(0);
  });

  it.each([
    ['all', [1, 2, 3, 4]],
    ['latest', [1, 4]],
  ] as const)('keeps %s values that come while the loop is busy', async (buffer, expected) => {
    const source = new Subject<number>();
    const seen: number[] = [];
    const iterator = iterate(source, { buffer })[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of [1, 2, 3, 4]) source.next(value);
    source.complete();
    seen.push((await first).value as number);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) seen.push(next.value);
    expect(seen).toEqual(expected);
  });

  it('reports no unhandled error when the loop is left before it gets to the error', async () => {
    const source = new Subject<number>();
    const iterator = iterate(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    source.next(1);
    source.error(new Error('nobody asks for it'));
    expect(await first).toEqual({ done: false, value: 1 });
    await iterator.return?.();
    await new Promise(setImmediate);
  });

  it('resolves calls of next() that came before any value in their order', async () => {
    const source = new Subject<string>();
    const iterator = iterate(source)[Symbol.asyncIterator]();
    const calls = [iterator.next(), iterator.next(), iterator.next()];
    source.next('a');
    source.complete();
    expect(await Promise.all(calls)).toEqual([
      { done: false, value: 'a' },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('throws for an unknown value of `buffer`', () => {
    const message = "iterate(): buffer takes 'all' or 'latest'; given: 5.";
    expect(() => iterate(of(1), { buffer: 5 as never })).toThrow(message);
  });

  it('refuses an unknown option', () => {
    expect(() => iterate(of(1), { size: 5 } as never)).toThrow('iterate() knows no size. It takes: buffer.');
  });
});
