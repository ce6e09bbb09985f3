import { Observable } from 'rxjs';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/**
 * The part of a browser's own `Observable` by which TypeScript recognises one.
 *
 * @see https://wicg.github.io/observable/
 */
export interface NativeObservable<T> {
  /** Subscribes until the signal is aborted. */
  subscribe(
    observer: { next(this: void, value: T): void; error(this: void, error: unknown): void; complete(this: void): void },
    options: { readonly signal: AbortSignal },
  ): void;
  /** Subscribes, and resolves with all values. */
  toArray(options?: { signal?: AbortSignal }): Promise<T[]>;
}

/** Whether a value may be a native `Observable`. Only its `subscribe` is checked, because one from another frame has another class. */
export function isNative(value: unknown): value is NativeObservable<unknown> {
  return typeof (value as Partial<NativeObservable<unknown>> | null | undefined)?.subscribe === 'function';
}

/**
 * Converts the native `Observable` of a browser, which RxJS's `from` does not accept. Each subscription subscribes to the native one, and
 * unsubscribing ends that subscription. The opposite is `Observable.from(iterate(source))`.
 *
 * @throws InvalidInputError for a value without a `subscribe` method
 *
 * @example
 * ```ts
 * fromNative(button.when('click')).pipe(exhaustMap(() => api.post('/orders', order))).subscribe();
 * ```
 */
export function fromNative<T>(native: NativeObservable<T>): Observable<T> {
  if (!isNative(native))
    throw new InvalidInputError(`fromNative() takes a native Observable; given: ${kindOf(native)}.`);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    // Add the teardown before subscribing: otherwise a source that emits synchronously would go on after the subscriber has unsubscribed.
    subscriber.add(() => {
      controller.abort();
    });
    native.subscribe(
      {
        next: (value) => {
          subscriber.next(value);
        },
        error: (error) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      },
      controller,
    );
  });
}
