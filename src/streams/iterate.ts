import { from, type Observable, type ObservableInput, type Subscription } from 'rxjs';
import { assertKnownOptions, assertOption, ownOptions } from '../session/internal.ts';
import { Backlog } from './backlog.ts';
import { fromNative, isNative, type NativeObservable } from './from-native.ts';

/** The options of `iterate`. */
export interface IterateOptions {
  /**
   * Which values are kept while the loop is busy: `'all'` keeps every value, without a limit; `'latest'` keeps only the newest.
   *
   * @defaultValue `'all'`
   */
  readonly buffer?: 'all' | 'latest';
}

/**
 * Converts an Observable for use with `for await`. Each loop subscribes when it begins, and unsubscribes when it ends by `break`, `return`
 * or `throw`; the loop throws the error of the source. `Observable.from(iterate(source))` converts it to a native `Observable`.
 *
 * @param source - an Observable, a native `Observable`, or any other input of RxJS's `from`
 * @throws InvalidInputError for another `buffer`, or (in development) for an unknown option
 *
 * @example
 * ```ts
 * for await (const { data } of iterate(eventStream(api, '/prices'), { buffer: 'latest' })) await draw(data);
 * ```
 */
export function iterate<T>(
  source: ObservableInput<T> | NativeObservable<T>,
  options: IterateOptions = {},
): AsyncIterable<T> {
  const { buffer = 'all' } = ownOptions(options);
  assertKnownOptions('iterate()', options, ['buffer']);
  assertOption('iterate()', 'buffer', buffer, ['all', 'latest'].includes(buffer), "'all' or 'latest'");
  return { [Symbol.asyncIterator]: () => new ValueIterator(source, buffer === 'latest' ? 1 : Infinity) };
}

type Result<T> = IteratorResult<T, undefined>;
/**
 * Creates the promise of a result when the loop calls `next`. A promise that was created earlier would cause an unhandled rejection if
 * the loop never called `next` again.
 */
type Outcome<T> = () => Promise<Result<T>>;

const done = (): Promise<{ done: true; value: undefined }> => Promise.resolve({ done: true, value: undefined });

/**
 * Iterates over the values of a source. It is not an async generator, because a generator that waits for a value cannot be ended by
 * `return()` before the value arrives, which may never happen.
 */
class ValueIterator<T> implements AsyncIterator<T, undefined> {
  readonly #source: ObservableInput<T> | NativeObservable<T>;
  readonly #capacity: number;
  /** Values, and the end of the source, that no call of `next` has taken yet. */
  readonly #outcomes = new Backlog<Outcome<T>>();
  /** The calls of `next` that wait for a value. */
  #waiting: ((result: Promise<Result<T>>) => void)[] = [];
  #subscription: Subscription | undefined;
  #isOver = false;

  constructor(source: ObservableInput<T> | NativeObservable<T>, capacity: number) {
    this.#source = source;
    this.#capacity = capacity;
  }

  next(): Promise<Result<T>> {
    if (!this.#isOver)
      this.#subscription ??= fromInput(this.#source).subscribe({
        next: (value) => {
          if (this.#outcomes.size >= this.#capacity) this.#outcomes.take();
          this.#give(() => Promise.resolve({ done: false, value }));
        },
        error: (error: unknown) => {
          this.#finish(() => Promise.reject(error));
        },
        complete: () => {
          this.#finish(done);
        },
      });
    const outcome = this.#outcomes.take() ?? (this.#isOver ? done : undefined);
    return outcome ? outcome() : new Promise((resolve) => void this.#waiting.push(resolve));
  }

  return(): Promise<Result<T>> {
    this.#subscription?.unsubscribe();
    this.#finish(done);
    this.#outcomes.clear();
    return done();
  }

  #give(outcome: Outcome<T>): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(outcome());
    else this.#outcomes.add(outcome);
  }

  #finish(outcome: Outcome<T>): void {
    this.#isOver = true;
    this.#give(outcome);
    for (const resolve of this.#waiting.splice(0)) resolve(done());
  }
}

/** Converts anything that RxJS's `from` accepts, and also a native `Observable`, which `from` refuses. */
function fromInput<T>(input: ObservableInput<T> | NativeObservable<T>): Observable<T> {
  try {
    return from(input as ObservableInput<T>);
  } catch (error) {
    if (isNative(input)) return fromNative(input);
    throw error;
  }
}
