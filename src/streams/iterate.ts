import { from, type ObservableInput, type Subscription } from 'rxjs';
import { assertKnownOptions, assertOption } from '../session/internal.ts';

export interface IterateOptions {
  /**
   * What becomes of values that come while the loop is busy: `'all'` keeps them, however many; `'latest'` keeps the newest only.
   *
   * @defaultValue `'all'`
   */
  readonly buffer?: 'all' | 'latest';
}

/**
 * Makes an Observable ready for `for await`. Each loop subscribes when it begins, and unsubscribes when it is left by `break`, `return`
 * or `throw`; the loop throws the error of the source. `Observable.from(iterate(source))` makes a native Observable of it.
 *
 * @throws InvalidInputError for another `buffer`, or (in development) for an unknown option
 *
 * @example
 * for await (const { data } of iterate(eventStream(api, '/prices'), { buffer: 'latest' })) await draw(data);
 */
export function iterate<T>(source: ObservableInput<T>, options: IterateOptions = {}): AsyncIterable<T> {
  const { buffer = 'all' } = options;
  assertKnownOptions('iterate()', options, ['buffer']);
  assertOption('iterate()', 'buffer', buffer, ['all', 'latest'].includes(buffer), "'all' or 'latest'");
  return { [Symbol.asyncIterator]: () => new ValueIterator(source, buffer === 'latest' ? 1 : Infinity) };
}

type Result<T> = IteratorResult<T, undefined>;
/** Makes the promise of a result when the loop asks for it: a failure that no loop asks for is no unhandled one. */
type Outcome<T> = () => Promise<Result<T>>;

const done = (): Promise<{ done: true; value: undefined }> => Promise.resolve({ done: true, value: undefined });

/**
 * Gives the values of a source one by one. No async generator, since a generator cannot be left while it waits for a value, which may
 * never come.
 */
class ValueIterator<T> implements AsyncIterator<T, undefined> {
  readonly #source: ObservableInput<T>;
  readonly #capacity: number;
  /** What has come and was not asked for yet. */
  #outcomes: Outcome<T>[] = [];
  /** Calls of `next` that wait. */
  #waiting: ((result: Promise<Result<T>>) => void)[] = [];
  #subscription: Subscription | undefined;
  #isOver = false;

  constructor(source: ObservableInput<T>, capacity: number) {
    this.#source = source;
    this.#capacity = capacity;
  }

  next(): Promise<Result<T>> {
    if (!this.#isOver)
      this.#subscription ??= from(this.#source).subscribe({
        next: (value) => {
          if (this.#outcomes.length >= this.#capacity) this.#outcomes.shift();
          this.#give(() => Promise.resolve({ done: false, value }));
        },
        error: (error: unknown) => {
          this.#finish(() => Promise.reject(error));
        },
        complete: () => {
          this.#finish(done);
        },
      });
    const outcome = this.#outcomes.shift() ?? (this.#isOver ? done : undefined);
    return outcome ? outcome() : new Promise((resolve) => void this.#waiting.push(resolve));
  }

  return(): Promise<Result<T>> {
    this.#subscription?.unsubscribe();
    this.#finish(done);
    this.#outcomes = [];
    return done();
  }

  #give(outcome: Outcome<T>): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(outcome());
    else this.#outcomes.push(outcome);
  }

  #finish(outcome: Outcome<T>): void {
    this.#isOver = true;
    this.#give(outcome);
    for (const resolve of this.#waiting.splice(0)) resolve(done());
  }
}
