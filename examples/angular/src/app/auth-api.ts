import { HttpClient, HttpContext } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { SKIP_SESSION } from 'sluice/angular';
import { map, type Observable } from 'rxjs';
import type { AppTokens } from './session';

interface TokenAnswer {
  readonly jwtToken: string;
  readonly refreshToken: string;
}

/** The requests for tokens. None of them needs a token or may wait for one. */
@Injectable({ providedIn: 'root' })
export class AuthApi {
  readonly #http = inject(HttpClient);
  readonly #options = { context: new HttpContext().set(SKIP_SESSION, true) };

  signIn(user: string, password: string): Observable<AppTokens> {
    return this.#http
      .post<TokenAnswer>('/api/login', { user, password }, this.#options)
      .pipe(map((answer) => tokensOf(user, answer)));
  }

  refresh({ user, refreshToken }: AppTokens): Observable<AppTokens> {
    return this.#http
      .post<TokenAnswer>('/api/refresh-token', { refreshToken }, this.#options)
      .pipe(map((answer) => tokensOf(user, answer)));
  }
}

function tokensOf(user: string, { jwtToken, refreshToken }: TokenAnswer): AppTokens {
  return { accessToken: jwtToken, refreshToken, user };
}
