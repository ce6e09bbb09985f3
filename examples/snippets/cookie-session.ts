import { map } from 'rxjs';
import { createClient, createSession } from 'sluice';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';
const open = createClient({ baseURL, withCredentials: true });

/** The refresh token is an HttpOnly cookie: no script sees it, and only the server knows whether there is one. */
export const session = createSession({
  canRefresh: () => true,
  refresh: (_current, { signal }) =>
    open
      .post<{ jwtToken: string }>('/api/cookie-refresh', null, { signal })
      .pipe(map(({ jwtToken }) => ({ accessToken: jwtToken }))),
});

export const api = createClient({ baseURL, session });

/** After a reload: signs in by the cookie, if there is a good one. Without this, the first 401 does it. */
export const restored$ = session.refresh$;
