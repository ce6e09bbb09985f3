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
import { isSluiceError } from './errors.ts';
import { internalsOf } from './session-internals.ts';
import { isFetchResponse, statusOf } from './http-outcome.ts';
import { RequestLifecycle } from './request-lifecycle.ts';
import type { Session } from './session.ts';
import type { TokenSet } from './token-set.ts';

export interface RetryOnUnauthorizedOptions {
  /**
   * Whether a request was refused for want of a good token. Called with each error and each value of the source; one that
   * throws means no.
   *
   * @defaultValue an error with status 401 (of axios, ajax, HttpClient, ky, ofetch, superagent, got, …), also as the `cause` of another,
   * or a fetch `Response` with status 401, of whatever implementation
   */
  isUnauthorized?(this: void, outcome: unknown): boolean;
}

/** Carries a value that means 401 to where errors are dealt with. */
class UnauthorizedValue {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * Holds a request while a refresh runs that it needs, and sends it again with the new token when its own was rejected.
 * The source must be cold and read the token when it is subscribed to.
 *
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
  const isUnauthorized = safely(options.isUnauthorized);
  // A subscription is a request: it has its own owner, tries and tokens.
  return (source) =>
    defer(() => {
      if (internals.isOwnRequest()) return source;
      const lifecycle = new RequestLifecycle(internals);
      lifecycle.begin();
      const send$: Observable<T> = defer(() => {
        const wait$ = lifecycle.waitBeforeSend();
        if (wait$) return wait$.pipe(concatMap(() => send$));
        lifecycle.noteSent();
        return source;
      });
      const recover = (error: unknown): Observable<unknown> => {
        const outcome = error instanceof UnauthorizedValue ? error.value : error;
        const isOther = outcome === error && (isSluiceError(error) || !isUnauthorized(error, true));
        return (
          (isOther
            ? null
            : lifecycle.waitAfterUnauthorized(outcome)?.pipe(
                tap((by) => {
                  lifecycle.noteRecovery(by);
                }),
              )) ?? throwError(() => error)
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

function safely(custom: RetryOnUnauthorizedOptions['isUnauthorized']): (outcome: unknown, thrown: boolean) => boolean {
  if (!custom) return (outcome, thrown) => (thrown || isFetchResponse(outcome)) && statusOf(outcome) === 401;
  return (outcome) => {
    try {
      return custom(outcome);
    } catch {
      return false;
    }
  };
}
