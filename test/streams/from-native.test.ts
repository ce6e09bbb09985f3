import { fromNative, iterate, type NativeObservable } from 'sluice/streams';
import { firstValueFrom } from 'rxjs';
import { expect, expectTypeOf, it } from 'vitest';

// test/browser/native-observable.test.ts tests the class of a browser.
it('fromNative() throws for a value without a method `subscribe`', () => {
  for (const given of [undefined, null, 5, {}, [1]])
    expect(() => fromNative(given as never)).toThrow('fromNative() takes a native Observable; given: ');
});

it('iterate() throws for a value that is no Observable input, when its loop begins', () => {
  const iterator = iterate({} as never)[Symbol.asyncIterator]();
  expect(() => iterator.next()).toThrow(TypeError);
});

it('iterate() and fromNative() infer the type of the values', async () => {
  const native: NativeObservable<number> = {
    subscribe: ({ next }) => {
      next(1);
    },
    toArray: () => Promise.resolve([1]),
  };
  expectTypeOf(iterate(native)).toEqualTypeOf<AsyncIterable<number>>();
  expect(await firstValueFrom(fromNative(native))).toBe(1);
});
