import axios from 'axios';
import { filter, firstValueFrom, map } from 'rxjs';
import { createClient, createSession, type Client, type Session, type TokenSet } from 'sluice';
import { webStore } from 'sluice/browser';
import { jwtExpiry } from 'sluice/jwt';
import type { TokenAnswer } from '../demo/api/tokens.ts';

/** The session of an example's page, and the client that all of its requests use. */
export interface App {
  readonly session: Session;
  readonly api: Client;
  /** Makes the server reject every access token that it has issued, as if the tokens had expired. */
  expireTokens(): Promise<unknown>;
}

const toTokens = ({ jwtToken, refreshToken }: TokenAnswer): TokenSet => ({
  accessToken: jwtToken,
  refreshToken,
  expiresAt: jwtExpiry(jwtToken),
});

/**
 * Makes the session of a page, and signs in unless somebody is still signed in from an earlier visit.
 *
 * @param key - under which the browser stores the tokens
 */
export async function startApp(key: string): Promise<App> {
  const open = createClient({ baseURL: location.origin });
  const session = createSession({
    store: webStore({ key }),
    refresh: (current, { signal }) =>
      open
        .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal })
        .pipe(map(toTokens)),
  });
  const signIn = async (): Promise<void> => {
    const { data } = await axios.post<TokenAnswer>('/api/login', { user: 'Ada' });
    await session.signIn(toTokens(data));
  };
  const restored$ = session.state$.pipe(filter(({ status }) => status !== 'restoring'));
  if ((await firstValueFrom(restored$)).tokens === null) await signIn();
  // Sign in again when the session has ended: the API of an example forgets its sign-ins when it is restarted.
  session.state$.pipe(filter(({ status }) => status === 'signed-out')).subscribe(() => void signIn());
  return {
    session,
    api: createClient({ baseURL: location.origin, session }),
    expireTokens: () => axios.post('/api/control', { expire: true }),
  };
}
