import { createAlova } from 'alova';
import { createServerTokenAuthentication } from 'alova/client';
import adapterFetch from 'alova/fetch';
import type { Contender } from '../contender.ts';

/**
 * Set up as alova's page on token authentication shows: a 401 tells of the expiry, and `assignToken` attaches the token. The cache is off,
 * because a cached response would be no request.
 */
export const alova: Contender = {
  name: 'alova',
  over: 'fetch',
  start({ url, tokens: given, refresh, memory }) {
    let tokens = given;
    const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
      refreshTokenOnSuccess: {
        isExpired: (response: Response) => response.status === 401,
        handler: async () => {
          tokens = await refresh(tokens.refreshToken);
        },
      },
      assignToken: (method) => {
        (method.config.headers as Record<string, string>)['Authorization'] = `Bearer ${tokens.accessToken}`;
      },
    });
    const instance = createAlova({
      baseURL: url,
      requestAdapter: adapterFetch(memory && { customFetch: memory.fetch }),
      cacheFor: null,
      beforeRequest: onAuthRequired(),
      responded: onResponseRefreshToken(async (response: Response) => {
        const answer: unknown = await response.json();
        if (!response.ok) throw new Error(String(response.status));
        return answer;
      }),
    });
    return {
      get: (path, done, failed) => void instance.Get(path).send(true).then(done, failed),
      cancellable: (path, done, failed) => {
        const method = instance.Get(path);
        void method.send(true).then(done, failed);
        return () => {
          void method.abort();
        };
      },
    };
  },
};
