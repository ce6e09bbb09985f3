import { createAlova } from 'alova';
import { createServerTokenAuthentication } from 'alova/client';
import adapterFetch from 'alova/fetch';
import type { Contender } from '../contender.ts';

/** As its page on token authentication has it: the server tells of expiry, and `assignToken` attaches. No cache. */
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
