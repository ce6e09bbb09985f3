import { inject, type InjectionToken, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import type { Session, SessionState, TokenSet } from '../session/index.ts';
import { SESSION } from './session-token.ts';

/**
 * The session that `provideSession` provides. In an injection context.
 *
 * @param token - under which it is provided; `SESSION` without one
 */
export function injectSession(): Session;
export function injectSession<T extends TokenSet>(token: InjectionToken<Session<T>>): Session<T>;
export function injectSession(token: InjectionToken<Session> = SESSION): Session {
  return inject(token);
}

/**
 * What the session is now, as a signal. In an injection context, with which it ends.
 *
 * @param token - under which the session is provided; `SESSION` without one
 * @example
 * ```ts
 * readonly state = injectSessionState();
 * readonly isSignedIn = computed(() => this.state().tokens !== null);
 * ```
 */
export function injectSessionState(): Signal<SessionState>;
export function injectSessionState<T extends TokenSet>(token: InjectionToken<Session<T>>): Signal<SessionState<T>>;
export function injectSessionState(token: InjectionToken<Session> = SESSION): Signal<SessionState> {
  return toSignal(inject(token).state$, { requireSync: true });
}
