import { isPlatformServer } from '@angular/common';
import { inject, type InjectionToken, Injector, PLATFORM_ID, runInInjectionContext } from '@angular/core';
import { catchError, concatMap, defer, map, type Observable, of } from 'rxjs';
import { retryOnUnauthorized, type Session } from '../session/index.ts';
import { assertOption, ownOptions } from '../session/internal.ts';
import { checkOptions } from './check-options.ts';
import { inOwnZone } from './in-own-zone.ts';
import { SESSION } from './session-token.ts';

/** The type of a guard. It can be used as a `CanActivateFn` and as a `CanActivateChildFn` of `@angular/router`. */
export type SessionGuard<R> = (route: unknown, state: { readonly url: string }) => Observable<boolean | R>;

/** Options of `createSessionGuard()`. */
export interface SessionGuardOptions<R> {
  /** The token under which the session is provided. @defaultValue `SESSION` */
  readonly session?: InjectionToken<Session>;
  /**
   * Returns where to send a person who is not signed in. It may call `inject()`.
   *
   * @param url - where the person wanted to go, such as `/orders?page=2`
   * @defaultValue nowhere: the navigation is cancelled
   */
  redirectTo?(this: void, url: string): R;
  /**
   * Whether the guard also decides on a server that renders. Set it if `provideSession` there passes the tokens of the incoming request,
   * such as those in its cookie, to the session. Otherwise the server does not know who is signed in, because it cannot read the
   * browser's storage: it lets everybody pass, and the guard decides in the browser.
   *
   * @defaultValue `false`
   */
  readonly decidesOnServer?: boolean;
}

/**
 * A guard for routes that lets people pass who are signed in. While it is unknown whether somebody is, the guard waits: for the store, for
 * a refresh if the token has expired by the clock, and for a cookie session to be restored. If a refresh fails for lack of a network, a
 * person passes whose tokens the session still has. If the store cannot be read, everybody passes. On a server that renders, everybody
 * passes unless `decidesOnServer` is set.
 *
 * @throws InvalidInputError for an option of the wrong kind, or (in development) for an unknown option
 * @example
 * ```ts
 * const guard = createSessionGuard({
 *   redirectTo: (url) => inject(Router).createUrlTree(['/sign-in'], { queryParams: { returnTo: url } }),
 * });
 * ```
 */
export function createSessionGuard<R = never>(options: SessionGuardOptions<R> = {}): SessionGuard<R> {
  const { session: token = SESSION, redirectTo, decidesOnServer = false } = ownOptions(options);
  checkOptions('createSessionGuard()', options, 'session', ['redirectTo', 'decidesOnServer']);
  assertOption('createSessionGuard()', 'redirectTo', redirectTo);
  assertOption(
    'createSessionGuard()',
    'decidesOnServer',
    decidesOnServer,
    typeof decidesOnServer === 'boolean',
    'true or false',
  );
  return (_route, { url }) => {
    // A redirect that a server renders, or that a build prerenders, would be sent to everybody, also to people who are signed in.
    if (!decidesOnServer && isPlatformServer(inject(PLATFORM_ID))) return of(true);
    const session = inject(token);
    const injector = inject(Injector);
    return isSignedIn(session).pipe(
      inOwnZone(),
      map((signedIn) => signedIn || (redirectTo ? runInInjectionContext(injector, () => redirectTo(url)) : false)),
    );
  };
}

/**
 * A guard for the application's session. It cancels the navigation of a person who is not signed in.
 *
 * @example
 * ```ts
 * const routes: Routes = [{ path: 'orders', canActivate: [sessionGuard], component: OrdersPage }];
 * ```
 */
export const sessionGuard: SessionGuard<never> = /* @__PURE__ */ createSessionGuard();

function isSignedIn(session: Session): Observable<boolean> {
  // While the store cannot be read, it is unknown who is signed in. Let the navigation pass: its requests fail if nobody is.
  const now = (): boolean => session.state.tokens !== null || session.state.status === 'unavailable';
  // `of(now())` sends nothing, but the operator treats it as a request: it waits until the store has been read, and for a refresh if the
  // token has expired.
  const settled$ = defer(() => of(now())).pipe(retryOnUnauthorized(session));
  const restored$ = defer(() =>
    // `reason` is set if somebody was signed in and a sign-out or a refused refresh has ended that. Do not subscribe to `refresh$` then: a
    // cookie could sign the person in again.
    now() || session.state.reason !== undefined ? of(now()) : session.refresh$.pipe(map(now)),
  );
  return settled$.pipe(
    concatMap(() => restored$),
    catchError(() => of(now())),
  );
}
