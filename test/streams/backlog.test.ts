import { expect, it } from 'vitest';
import { Backlog } from '../../src/streams/backlog.ts';

it('a backlog gives its items in the order in which they were added, however adding and taking alternate', () => {
  const backlog = new Backlog<number>();
  const taken: (number | undefined)[] = [];
  const sizes: number[] = [];
  let added = 0;
  for (const [adds, takes] of [
    [3, 1],
    [2, 3],
    [0, 1],
    [0, 1],
    [4, 4],
  ] as const) {
    for (let n = 0; n < adds; n += 1) backlog.add((added += 1));
    for (let n = 0; n < takes; n += 1) taken.push(backlog.take());
    sizes.push(backlog.size);
  }
  expect(taken).toEqual([1, 2, 3, 4, 5, undefined, 6, 7, 8, 9]);
  expect(sizes).toEqual([2, 1, 0, 0, 0]);
});

it('a backlog that was cleared has no items', () => {
  const backlog = new Backlog<number>();
  for (const item of [1, 2, 3]) backlog.add(item);
  backlog.take();
  backlog.add(4);
  backlog.clear();
  expect([backlog.size, backlog.take()]).toEqual([0, undefined]);
});
