import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { type ApplicationConfig, inject } from '@angular/core';
import { map } from 'rxjs';
import { provideSession, sessionInterceptor } from 'sluice/angular';
import { webStore } from 'sluice/browser';

// The server's response to a refresh, mapped to a token set.
type Answer = { jwtToken: string; refreshToken: string };
const toTokens = ({ jwtToken, refreshToken }: Answer) => ({ accessToken: jwtToken, refreshToken });

export const appConfig: ApplicationConfig = {
  providers: [
    provideHttpClient(withInterceptors([sessionInterceptor])),
    provideSession(() => {
      const http = inject(HttpClient);
      const refresh = (refreshToken?: string) => http.post<Answer>('/api/refresh-token', { refreshToken });
      return { store: webStore(), refresh: (now) => refresh(now?.refreshToken).pipe(map(toTokens)) };
    }),
  ],
};
