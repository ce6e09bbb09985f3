import { isPlatformBrowser } from '@angular/common';
import { HttpClient } from '@angular/common/http';
import { inject, PLATFORM_ID, provideAppInitializer } from '@angular/core';
import { catchError, of } from 'rxjs';
import { injectSession, provideSession } from 'sluice/angular';

export const cookieSession = [
  provideSession(() => {
    const http = inject(HttpClient);
    // A server that renders does not have the browser's cookie.
    const inBrowser = isPlatformBrowser(inject(PLATFORM_ID));
    return {
      canRefresh: () => inBrowser,
      refresh: () => http.post<{ accessToken: string }>('/auth/refresh', null, { withCredentials: true }),
    };
  }),
  // Optional: restores the session before the first page. Without it, `sessionGuard` waits for the same.
  provideAppInitializer(() => injectSession().refresh$.pipe(catchError(() => of(null)))),
];
