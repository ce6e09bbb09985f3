import {
  catchError,
  concatMap,
  defer,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  tap,
  throwError,
} from 'rxjs';
import { unhealableError } from './challenge.ts';
import { SluiceError } from './errors.ts';
import { type Gate, gateOf } from './gate.ts';
import { headerOf, statusOf } from './http-outcome.ts';
import type { SessionState } from './session-state.ts';
import type { Session } from './session.ts';
import type { TokenSet } from './token-set.ts';

export interface RetryOnUnauthorizedOptions {
  /**
   * Whether a request was refused for want of a good token. Called with each error and each value of the source; one that
   * throws means no.
   *
   * @defaultValue an error with status 401 (of axios, ajax, HttpClient, ky, …) or a fetch `Response` with status 401
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

/** A request is sent at most three times: at once, after a late 401, and after the refresh that it caused. */
const MAX_RESENDS = 2;

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
  const gate = gateOf(session);
  const isUnauthorized = safely(options.isUnauthorized);
  // A subscription is a request: it has its own owner, tries and tokens.
  return (source) =>
    defer(() => (gate.isRefreshItself() ? source : resending(source, gate, isUnauthorized, gate.state)));
}

/**
 * What the operator does for one request.
 *
 * @param made - the session when the request was made
 * @param sent$ - the outcome of the first send, if that has been made already
 */
export function resending<T>(
  source: Observable<T>,
  gate: Gate,
  isUnauthorized: (outcome: unknown, thrown: boolean) => boolean,
  made: SessionState,
  sent$?: Observable<T>,
): Observable<T> {
  const { epoch } = made;
  let { generation, tokens } = made;
  let sends = 0;
  let renewed = false;

  const changed = (): boolean => gate.state.epoch !== epoch;
  const send$: Observable<T> = defer(() => {
    if (sent$ && sends === 0) {
      sends = 1;
      return sent$;
    }
    const wait$ = changed() ? null : gate.hold();
    if (wait$) return wait$.pipe(concatMap(() => send$));
    if (!changed() && sends > 0) gate.emit({ type: 'request-resent', generation: gate.state.generation });
    // Looked at last: a refresh ahead of expiry may be refused at once, and a listener may sign out or in.
    if (changed()) return throwError(() => gate.changedSince(epoch));
    ({ generation, tokens } = gate.state);
    sends += 1;
    return source;
  });

  const recover = (error: unknown): Observable<unknown> => {
    const refused = throwError(() => error);
    const outcome = error instanceof UnauthorizedValue ? error.value : error;
    if (outcome === error && (error instanceof SluiceError || !isUnauthorized(error, true))) return refused;
    const challenge = unhealableError(headerOf(outcome, 'www-authenticate'));
    if (challenge !== undefined) {
      gate.emit({ type: 'challenged', error: challenge });
      return refused;
    }
    // Sent for somebody who has left since. Sent for nobody: then the server's answer stands.
    if (changed()) return tokens ? throwError(() => gate.changedSince(epoch)) : refused;
    if (sends > MAX_RESENDS) return refused;
    // A late 401: newer tokens are in force already.
    if (generation !== gate.state.generation) return of(true);
    if (renewed) return refused;
    // Tokens that the store had may have died there: they are worth a send, and the refresh is still to come.
    return (
      gate.renew()?.pipe(
        tap(({ asked }) => {
          renewed = asked;
        }),
      ) ?? refused
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
  );
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

function isFetchResponse(value: unknown): boolean {
  return typeof Response !== 'undefined' && value instanceof Response;
}
