import { map } from 'rxjs';
import { createClient, createSession } from 'sluice';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';
const open = createClient({ baseURL, withCredentials: true });

/** The refresh token is an HttpOnly cookie: no script can read it, and only the server knows whether it exists. */
export const session = createSession({
  canRefresh: () => true,
  refresh: (_current, { signal }) =>
    open
      .post<{ jwtToken: string }>('/api/cookie-refresh', null, { signal })
      .pipe(map(({ jwtToken }) => ({ accessToken: jwtToken }))),
});

export const api = createClient({ baseURL, session });

/** After a reload: restores the session by the cookie, if that is valid. Without this call, the first 401 does so. */
export const restored$ = session.refresh$;
