import { defer } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { createSession, retryOnUnauthorized } from 'sluice/session';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';

/** `sluice/session` needs no axios: the refresh uses fetch as well. */
export const session = createSession({
  refresh: async (current, { signal }) => {
    const answer = await fetch(`${baseURL}/api/refresh-token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refreshToken: current?.refreshToken }),
      signal,
    });
    const data = (await answer.json().catch(() => ({}))) as { jwtToken: string; refreshToken: string };
    // Sluice tells a refusal from a server that is down by status, headers and body.
    if (!answer.ok)
      throw Object.assign(new Error('No new tokens'), { status: answer.status, headers: answer.headers, data });
    return { accessToken: data.jwtToken, refreshToken: data.refreshToken };
  },
});

/** `defer` reads the token again for each send. fetch gives a 401 as a value; the operator recognises it. */
export const get = (path: string) =>
  defer(() => {
    const { tokens } = session.state;
    return fromFetch(baseURL + path, { headers: tokens ? { Authorization: `Bearer ${tokens.accessToken}` } : {} });
  }).pipe(retryOnUnauthorized(session));
