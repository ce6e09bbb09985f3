import axios, { type AxiosAdapter } from 'axios';
import { map } from 'rxjs';
import { createClient, createSession, type Client, type Session, type TokenSet } from 'sluice';
import { webStore } from 'sluice/browser';
import { jwtExpiry } from 'sluice/jwt';
import type { TokenAnswer } from './api/tokens.ts';

const PROD_BASE_URL = location.origin;
const baseURL = import.meta.env.VITE_BASE_URL ?? PROD_BASE_URL;

const toTokens = ({ jwtToken, refreshToken }: TokenAnswer): TokenSet => ({
  accessToken: jwtToken,
  refreshToken,
  expiresAt: jwtExpiry(jwtToken),
});

/** The parts of an app: a session, a client with it, and a way to sign in. All of the page's requests use these. */
export interface App {
  readonly session: Session;
  readonly api: Client;
  signIn(): Promise<void>;
}

/** @param watched - wraps the adapter of the client, to show what goes over the wire */
export function createApp(watched: (adapter: AxiosAdapter) => AxiosAdapter): App {
  const open = createClient({ baseURL });
  const session = createSession({
    store: webStore({ key: 'sluice-demo' }),
    refresh: (current, { signal }) =>
      open
        .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal })
        .pipe(map(toTokens)),
    refreshRetries: { count: 1 },
    revoke: ({ refreshToken }) => open.post('/api/revoke', { refreshToken }),
  });
  const api = createClient({ baseURL, session, adapter: watched(axios.getAdapter('xhr')) });
  return {
    session,
    api,
    signIn: async () => {
      const { data } = await axios.post<TokenAnswer>('/api/login', { user: 'Ada' }, { baseURL });
      await session.signIn(toTokens(data));
    },
  };
}
