import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { byPromise, type Contender } from '../contender.ts';

/** `OAuth2Fetch` as a middleware of fetch, with the app's own refresh in place of the OAuth endpoint. */
export const oauth2Client: Contender = {
  name: '@badgateway/oauth2-client',
  over: 'fetch',
  start({ url, tokens, refresh, memory }) {
    const client = new OAuth2Client({ server: url, clientId: 'bench' });
    client.refreshToken = async (token) => ({ ...(await refresh(token.refreshToken ?? undefined)), expiresAt: null });
    const wrapper = new OAuth2Fetch({
      client,
      getNewToken: () => null,
      getStoredToken: () => ({ ...tokens, expiresAt: null }),
      scheduleRefresh: false,
    });
    const send = memory?.fetch ?? fetch;
    const middleware = wrapper.mw();
    return byPromise(async (path, signal) => {
      const response = await middleware(new Request(url + path, signal && { signal }), send);
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
  },
};
