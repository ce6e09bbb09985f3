import {
  catchError,
  concatMap,
  defer,
  finalize,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  tap,
  throwError,
} from 'rxjs';
import { assertOption } from './assert-option.ts';
import { inOwnContext } from './async-context.ts';
import { isSluiceError } from './errors.ts';
import { freeBody } from './free-body.ts';
import { internalsOf } from './session-internals.ts';
import { isFetchResponse, statusOf } from './http-outcome.ts';
import { assertKnownOptions, ownOptions } from './known-options.ts';
import { readProperty } from './read-property.ts';
import { RequestLifecycle } from './request-lifecycle.ts';
import { saysUnauthorized } from './says-unauthorized.ts';
import type { Session } from './session.ts';
import type { TokenSet } from './token-set.ts';

/** The options of `retryOnUnauthorized`. */
export interface RetryOnUnauthorizedOptions {
  /**
   * Whether the server refused the request because of its token. Called with each error and each value of the source, because
   * `fetch` and GraphQL deliver a refusal as a value. If it throws or returns a promise, the outcome does not count
   * as a refusal, and the session reports `callback-failed`.
   *
   * @defaultValue true for an error with status 401 of any usual HTTP library (axios, ajax, HttpClient, ky, ofetch, superagent,
   * got), also as the `cause` of another error, and for a fetch `Response` with status 401
   */
  isUnauthorized?(this: void, outcome: unknown): boolean;
}

/**
 * Wraps a value of the source that means 401, such as a fetch `Response`: `retry` reacts to errors only, so the value is thrown. If the
 * request is not sent again, the value is emitted after all.
 */
class UnauthorizedValue {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * Gives the request of any HTTP library a part in a session: it waits while a refresh runs that it needs, starts one if its token
 * is rejected or dead, and is resent with the new token. The source must be cold, and must read `session.state.tokens` at each
 * subscription, so that a resend carries the new token.
 *
 * A request is bound to the owner at subscription. It fails with `SessionChangedError` if the owner changes before it is sent, with
 * `SessionExpiredError` or `RefreshFailedError` if the refresh that it needs fails, and otherwise with the errors of the source.
 *
 * @throws InvalidInputError if `session` is not a session, or `isUnauthorized` no function, or (in development) for an unknown option
 * @example
 * ```ts
 * defer(() => ajax({ url: '/users', headers: { Authorization: `Bearer ${session.state.tokens?.accessToken}` } })).pipe(
 *   retryOnUnauthorized(session),
 * );
 * ```
 */
export function retryOnUnauthorized<T, S extends TokenSet = TokenSet>(
  session: Session<S>,
  options: RetryOnUnauthorizedOptions = {},
): MonoTypeOperatorFunction<T> {
  const internals = internalsOf(session);
  assertKnownOptions('retryOnUnauthorized()', options, ['isUnauthorized']);
  const { isUnauthorized: custom } = ownOptions(options);
  assertOption('retryOnUnauthorized()', 'isUnauthorized', custom);
  const isUnauthorized = custom
    ? (outcome: unknown): boolean => saysUnauthorized(internals, () => custom(outcome))
    : isUnauthorizedByDefault;
  // Each subscription is a request of its own, with its own owner and count of sends.
  return (source) =>
    defer(() => {
      if (internals.isOwnRequest()) return source;
      const lifecycle = new RequestLifecycle(internals);
      lifecycle.begin();
      const send$: Observable<T> = defer(() => {
        const wait$ = lifecycle.waitBeforeSend();
        if (wait$) return inOwnContext(wait$).pipe(concatMap(() => send$));
        lifecycle.noteSent();
        return source;
      });
      const recover = (error: unknown): Observable<unknown> => {
        const outcome = error instanceof UnauthorizedValue ? error.value : error;
        const isOther = outcome === error && (isSluiceError(error) || !isUnauthorized(error, true));
        const wait$ = isOther ? null : lifecycle.waitAfterUnauthorized(outcome);
        if (!wait$) return throwError(() => error);
        cancelBody(outcome);
        return wait$.pipe(
          inOwnContext,
          tap((by) => {
            lifecycle.noteRecovery(by);
          }),
        );
      };
      return send$.pipe(
        map((value) => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- a stack would cost as much as the request
          if (isUnauthorized(value, false)) throw new UnauthorizedValue(value);
          return value;
        }),
        retry({ delay: recover }),
        catchError((error: unknown) =>
          error instanceof UnauthorizedValue ? of(error.value as T) : throwError(() => error),
        ),
        finalize(() => {
          lifecycle.end();
        }),
      );
    });
}

/** Whether an outcome is a 401: an error (`thrown`), or a fetch `Response`. Another value may be data with a property `status`. */
function isUnauthorizedByDefault(outcome: unknown, thrown: boolean): boolean {
  return (thrown || isFetchResponse(outcome)) && statusOf(outcome) === 401;
}

/**
 * Frees the connection of a refused `Response`, which is the outcome or the property `response` of an error: the request is sent again, and
 * nobody will read this body.
 */
function cancelBody(outcome: unknown): void {
  const response = isFetchResponse(outcome) ? outcome : readProperty(outcome, 'response');
  // In a microtask, because `cancel()` can run code of the app that made the stream. The wait must be subscribed to before that: a later
  // subscription could start another refresh.
  if (isFetchResponse(response)) void Promise.resolve(readProperty(response, 'body')).then(freeBody);
}
