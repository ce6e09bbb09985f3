import {
  DestroyRef,
  type EnvironmentProviders,
  inject,
  type InjectionToken,
  makeEnvironmentProviders,
} from '@angular/core';
import { createSession, type Session, type SessionOptions, type TokenSet } from '../session/index.ts';
import { checkOptions } from './check-options.ts';
import { SESSION } from './session-token.ts';

/** Options of `provideSession()`. */
export interface ProvideSessionOptions<T extends TokenSet = TokenSet> {
  /** The token under which the session is provided. @defaultValue `SESSION` */
  readonly provide?: InjectionToken<Session<T>>;
}

/**
 * Provides a session, one for each application, and so one for each page that a server renders. It is made when it is first injected, and
 * disposed of when its injector is destroyed. What `createSession()` throws is thrown when the session is first injected.
 *
 * @param options - as `createSession()` takes them, or a function that returns them and may call `inject()`. On a server that renders, pass
 * a function: a store in an object of options is made once, and all users would share it
 * @throws InvalidInputError for a `provide` that is no `InjectionToken`, or (in development) for an unknown option beside it
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
  provideOptions: ProvideSessionOptions<T> = {},
): EnvironmentProviders {
  const { provide = SESSION } = provideOptions;
  checkOptions('provideSession()', provideOptions, 'provide');
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
