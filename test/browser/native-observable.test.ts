import { fromNative, iterate, eventStream, type NativeObservable } from 'sluice/streams';
import { firstValueFrom, from, lastValueFrom, map, Observable, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { appOn, sessionOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();

interface NativeSubscriber<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
  addTeardown(teardown: () => void): void;
  readonly active: boolean;
}
interface NativeClass {
  new <T>(subscribe: (subscriber: NativeSubscriber<T>) => void): NativeObservable<T> & {
    take(count: number): NativeObservable<T>;
    first(): Promise<T>;
  };
  from<T>(source: unknown): NativeObservable<T> & { take(count: number): NativeObservable<T> };
}
const Native = (globalThis as unknown as { readonly Observable?: NativeClass }).Observable;

it('the browser of the tests has a native Observable, which from() of RxJS refuses', () => {
  expect(Native).toBeDefined();
  expect(() => from(new Native!(() => undefined) as never)).toThrow(TypeError);
});

describe('fromNative()', () => {
  it('emits the values of a native Observable and completes with it', async () => {
    const native = new Native!<number>((subscriber) => {
      subscriber.next(1);
      subscriber.next(2);
      subscriber.complete();
    });
    expect(await lastValueFrom(fromNative(native).pipe(toArray()))).toEqual([1, 2]);
  });

  it('fails with the error of a native Observable', async () => {
    const error = new Error('broken');
    const native = new Native!((subscriber) => {
      subscriber.error(error);
    });
    expect(await record(fromNative(native)).outcome).toMatchObject({ kind: 'error', error });
  });

  it('is cold, and unsubscribes from the native Observable when it is unsubscribed', () => {
    let [subscribed, left] = [0, 0];
    const native = new Native!((subscriber) => {
      subscribed += 1;
      subscriber.addTeardown(() => (left += 1));
    });
    const values$ = fromNative(native);
    expect(subscribed).toBe(0);
    record(values$).unsubscribe();
    record(values$).unsubscribe();
    expect([subscribed, left]).toEqual([2, 2]);
  });

  it('stops a source that emits synchronously as soon as its subscriber unsubscribes', async () => {
    let sent = 0;
    const native = new Native!<number>((subscriber) => {
      while (subscriber.active && sent < 1_000) subscriber.next((sent += 1));
    });
    expect(await firstValueFrom(fromNative(native).pipe(take(2), toArray()))).toEqual([1, 2]);
    expect(sent).toBe(2);
  });

  it('converts the clicks of a button', async () => {
    const button = document.createElement('button') as HTMLButtonElement & {
      when?(type: string): NativeObservable<Event>;
    };
    const clicks = record(fromNative(button.when!('click')).pipe(take(1)));
    button.click();
    button.click();
    expect((await clicks.outcome).values.map(({ type }) => type)).toEqual(['click']);
  });
});

describe('iterate() and a native Observable', () => {
  it('loops over its values, and unsubscribes from it when the loop is left', async () => {
    let left = 0;
    const native = new Native!<number>((subscriber) => {
      for (const value of [1, 2, 3]) subscriber.next(value);
      subscriber.addTeardown(() => (left += 1));
    });
    const values: number[] = [];
    for await (const value of iterate(native)) {
      values.push(value);
      if (value === 2) break;
    }
    expect(values).toEqual([1, 2]);
    expect(left).toBe(1);
  });

  it('makes a native Observable from one of RxJS, which is unsubscribed when the native one ends', async () => {
    let left = 0;
    const source$ = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.next(2);
      return () => (left += 1);
    });
    expect(await Native!.from<number>(iterate(source$)).take(1).toArray()).toEqual([1]);
    expect(left).toBe(1);
  });
});

describe('the session and a native Observable', () => {
  const use = useServer();
  const path = '/api/events';

  it('refreshes by a native Observable that fromNative() has converted, or by the promise of its first value', async () => {
    const { server } = use;
    const renewed = (): NativeObservable<{ accessToken: string }> & { first(): Promise<{ accessToken: string }> } =>
      new Native!((subscriber) => {
        server.login().then(({ accessToken }) => {
          subscriber.next({ accessToken });
        }, subscriber.error.bind(subscriber));
      });
    const byObservable = await sessionOn(server, { refresh: () => fromNative(renewed()) });
    const byPromise = await sessionOn(server, { refresh: () => renewed().first() });
    for (const { session } of [byObservable, byPromise]) {
      await firstValueFrom(session.refresh$);
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    }
  });

  it('a stream of server-sent events becomes a native Observable, whose end closes the connection', async () => {
    const { api } = await appOn(use.server, 'fetch');
    const numbers$ = eventStream(api, path, { parse: Number }).pipe(map(({ data }) => data));
    expect(await Native!.from<number>(iterate(numbers$)).take(2).toArray()).toEqual([1, 2]);
    await use.server.closed(path, 1);
  });
});

it('no global is patched: the classes have the members that they have in a new frame', () => {
  const frame = document.body.appendChild(document.createElement('iframe'));
  const pristine = frame.contentWindow as unknown as Record<string, { prototype: object }>;
  const membersOf = (globals: Record<string, { prototype: object }>, name: string): PropertyKey[] =>
    [globals[name]!, globals[name]!.prototype].flatMap((holder) => Reflect.ownKeys(holder).map(String)).sort();
  for (const name of ['Observable', 'Symbol', 'EventTarget', 'Promise', 'AbortSignal'])
    expect(membersOf(globalThis as never, name)).toEqual(membersOf(pristine, name));
  frame.remove();
});
