import type { TokenSet } from 'sluice/session';
import { Observable, type ObservableInput, type Subscriber } from 'rxjs';

/** Returned by `then` of a thenable, because RxJS adds a last handler to what `then` returns. */
const never = new Promise<never>(() => undefined);

/** What the app's `refresh` returns, and a way to answer it. */
export interface Answerable {
  readonly input: ObservableInput<TokenSet>;
  give(tokens: TokenSet): void;
  fail(error: unknown): void;
}

/** An Observable, which cannot be answered once it is unsubscribed. */
export function answerableObservable(ended: () => void): Answerable {
  let subscriber: Subscriber<TokenSet> | undefined;
  return {
    input: new Observable((its) => {
      subscriber = its;
      return ended;
    }),
    give: (tokens) => subscriber?.next(tokens),
    fail: (error) => subscriber?.error(error),
  };
}

/**
 * Like a promise, which can be answered although it was aborted, but synchronous: what waits for it continues when
 * the schedule says so.
 */
export function answerablePromise(signal: AbortSignal, ended: () => void): Answerable {
  const gives: ((tokens: TokenSet) => unknown)[] = [];
  const fails: ((error: unknown) => unknown)[] = [];
  signal.addEventListener('abort', ended);
  const thenable: PromiseLike<TokenSet> = {
    then: (give, fail) => {
      if (give) gives.push(give);
      if (fail) fails.push(fail);
      return never;
    },
  };
  return {
    input: thenable,
    give: (tokens) => {
      for (const give of gives) give(tokens);
    },
    fail: (error) => {
      for (const fail of fails) fail(error);
    },
  };
}
