import { firstValueFrom, map } from 'rxjs';
import { createClient, createSession, type Client, type Session, type TokenSet } from 'sluice';
import { webStore } from 'sluice/browser';
import { jwtExpiry } from 'sluice/jwt';
import type { TokenAnswer } from '../demo/api/tokens.ts';

/** The tokens, and what this app keeps with them. The store has the whole object, so all tabs can read it. */
export interface TabTokens extends TokenSet {
  readonly user: string;
  /** The tab that got these tokens. */
  readonly by: string;
}

/** The parts of the app in one tab. */
export interface App {
  readonly tab: string;
  readonly session: Session<TabTokens>;
  readonly api: Client;
  signIn(this: void, user: string): Promise<void>;
}

/** @param tab - the name of this tab, which each request carries so that the server can count by tab */
export function createApp(tab: string): App {
  const baseURL = location.origin;
  const headers = { 'X-Tab': tab };
  const open = createClient({ baseURL, headers });
  const toTokens =
    (user: string) =>
    ({ jwtToken, refreshToken }: TokenAnswer): TabTokens => ({
      accessToken: jwtToken,
      refreshToken,
      expiresAt: jwtExpiry(jwtToken),
      user,
      by: tab,
    });
  // Nothing else is needed: every tab makes its session with the same key.
  const session = createSession<TabTokens>({
    store: webStore({ key: 'many-tabs' }),
    refresh: (current, { signal }) =>
      open
        .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal })
        .pipe(map(toTokens(current?.user ?? ''))),
    // Only for this page, where a person can expire a token that has just been issued.
    minRefreshIntervalMs: 0,
    revoke: ({ refreshToken }) => open.post('/api/revoke', { refreshToken }),
  });
  return {
    tab,
    session,
    api: createClient({ baseURL, headers, session }),
    signIn: async (user) => {
      const answer = await firstValueFrom(open.post<TokenAnswer>('/api/login', { user }));
      await session.signIn(toTokens(user)(answer));
    },
  };
}
