import {
  DestroyRef,
  type EnvironmentProviders,
  inject,
  type InjectionToken,
  makeEnvironmentProviders,
} from '@angular/core';
import { createSession, type Session, type SessionOptions, type TokenSet } from '../session/index.ts';
import { SESSION } from './session-token.ts';

/** Under which token a session is provided. */
export interface ProvideSessionOptions<T extends TokenSet = TokenSet> {
  /** @defaultValue `SESSION` */
  readonly provide?: InjectionToken<Session<T>>;
}

/**
 * Provides a session: a fresh one for each application, and so for each request that a server renders. It is made when it is
 * first injected, and disposed of with its injector.
 *
 * @param options - as `createSession` takes them, or a factory of them, which may `inject()`
 * @example
 * ```ts
 * provideSession(() => {
 *   const http = inject(HttpClient);
 *   return { refresh: (tokens) => http.post<Tokens>('/auth/refresh', { refreshToken: tokens?.refreshToken }) };
 * });
 * ```
 */
export function provideSession<T extends TokenSet = TokenSet>(
  options: SessionOptions<T> | (() => SessionOptions<T>),
  { provide = SESSION }: ProvideSessionOptions<T> = {},
): EnvironmentProviders {
  return makeEnvironmentProviders([
    {
      provide,
      useFactory: (): Session<T> => {
        const session = createSession(typeof options === 'function' ? options() : options);
        inject(DestroyRef).onDestroy(session.dispose);
        return session;
      },
    },
  ]);
}
