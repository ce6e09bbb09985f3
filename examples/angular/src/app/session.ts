import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { inject, InjectionToken } from '@angular/core';
import type { Session, SessionOptions, TokenSet } from 'sluice/session';
import { webStore } from 'sluice/browser';
import { catchError, map, throwError } from 'rxjs';
import { AuthApi } from './auth-api';
import { SignInAgain } from './sign-in-again';

/** The token set of this application, with the user's name. */
export interface AppTokens extends TokenSet {
  readonly user: string;
  readonly refreshToken: string;
}

export const APP_SESSION = new InjectionToken<Session<AppTokens>>('session');

const PATIENCE_MS = 10 * 60_000;

/**
 * If a refresh is refused, it asks the user for the password and waits. Requests that wait for the refresh wait for the user as well,
 * and are sent afterwards.
 */
export function sessionOptions(): SessionOptions<AppTokens> {
  const [http, auth, again] = [inject(HttpClient), inject(AuthApi), inject(SignInAgain)];
  return {
    store: webStore<AppTokens>({ key: 'quayside' }),
    refreshTimeoutMs: PATIENCE_MS,
    refresh: (tokens) => {
      if (!tokens) return throwError(() => new Error('Nobody is signed in.'));
      return auth
        .refresh(tokens)
        .pipe(
          catchError((error: unknown) => (isRefused(error) ? again.ask(tokens.user, error) : throwError(() => error))),
        );
    },
    revoke: ({ refreshToken }) => http.post('/api/revoke', { refreshToken }).pipe(map(() => undefined)),
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof HttpErrorResponse && error.status === 400;
}
