import { inject, type InjectionToken, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import type { Session, SessionState, TokenSet } from '../session/index.ts';
import { SESSION } from './session-token.ts';

/**
 * Returns the session that `provideSession()` provides under `SESSION`. To be called in an injection context.
 *
 * @throws the error of Angular if no session is provided, and `InvalidInputError` if its options are refused
 * @example
 * ```ts
 * private readonly session = injectSession();
 * ```
 */
export function injectSession(): Session;
/**
 * Returns a further session of the app: the one that `provideSession()` provides under this injection token.
 *
 * @param token - passed to `provideSession()` as `provide`
 * @example
 * ```ts
 * private readonly billing = injectSession(BILLING_SESSION);
 * ```
 */
export function injectSession<T extends TokenSet>(token: InjectionToken<Session<T>>): Session<T>;
export function injectSession(token: InjectionToken<Session> = SESSION): Session {
  return inject(token);
}

/**
 * Returns the state of the session as a signal. To be called in an injection context; the signal changes until its injector is destroyed.
 *
 * @example
 * ```ts
 * readonly state = injectSessionState();
 * readonly isSignedIn = computed(() => this.state().tokens !== null);
 * ```
 */
export function injectSessionState(): Signal<SessionState>;
/**
 * Returns the state of a session that is provided under a token of the app.
 *
 * @param token - passed to `provideSession()` as `provide`
 * @example
 * ```ts
 * readonly billing = injectSessionState(BILLING_SESSION);
 * ```
 */
export function injectSessionState<T extends TokenSet>(token: InjectionToken<Session<T>>): Signal<SessionState<T>>;
export function injectSessionState(token: InjectionToken<Session> = SESSION): Signal<SessionState> {
  return toSignal(inject(token).state$, { requireSync: true });
}
