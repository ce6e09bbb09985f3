import kyOf from 'ky';
import { byPromise, type Contender } from '../contender.ts';

/** Set up as ky's README answers "How do I implement token refresh on 401 responses?": a `beforeRetry` hook refreshes. */
export const ky: Contender = {
  name: 'ky with its hook recipe',
  over: 'fetch',
  start({ url, tokens: given, refresh, memory }) {
    let tokens = given;
    const attach = (request: Request): void => {
      request.headers.set('Authorization', `Bearer ${tokens.accessToken}`);
    };
    const instance = kyOf.create({
      ...(memory && { fetch: memory.fetch }),
      retry: { statusCodes: [401] },
      hooks: {
        beforeRequest: [
          ({ request }) => {
            attach(request);
          },
        ],
        beforeRetry: [
          async ({ request }) => {
            tokens = await refresh(tokens.refreshToken);
            attach(request);
          },
        ],
      },
    });
    return byPromise((path, signal) => instance.get(url + path, signal && { signal }).json());
  },
};
