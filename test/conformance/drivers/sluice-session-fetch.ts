import { sessionFetch } from '../../../src/fetch/index.ts';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { askBy, postBy, postByFetch, postLater } from './asking.ts';
import { answerOfResponse, fetchInit, fetchURL } from './fetch-init.ts';
import { ownCredentials, sessionDriver, sessionFor, sluiceVersion } from './sluice-session.ts';

/** `sessionFetch`: a `fetch` and its promises. */
export const sluiceSessionFetch: Library = {
  name: 'Sluice fetch',
  version: sluiceVersion,
  lacks: {
    cold: 'a promise is not cold',
    interceptors: 'fetch has no interceptors',
    predicate: 'the predicate sees status and headers: the body is the caller’s stream',
    progress: 'fetch tells no progress of uploads',
    timeout: 'fetch has no timeout of its own',
  },
  drive(server, tokens, setup) {
    const post = postBy((url, init) => api(url, init));
    const session = sessionFor(
      server,
      tokens,
      setup,
      askBy(server, setup.refreshThroughClient ? postLater(post) : postByFetch),
    );
    const trustedOrigins = [server.url];
    const api = sessionFetch(session, { trustedOrigins });
    const send = async (by: typeof fetch, spec: RequestSpec): Promise<Answer> => {
      const { headers, ...init } = fetchInit(spec);
      const response = await (spec.session === false ? fetch : by)(fetchURL(server, spec), {
        ...init,
        headers: { ...(spec.resend === false && ownCredentials(session)), ...(headers as Record<string, string>) },
        ...(spec.signal && { signal: spec.signal }),
      });
      return answerOfResponse(response, spec);
    };
    return {
      ...sessionDriver(session),
      request: (spec) => send(api, spec),
      sibling: () => {
        const other = sessionFetch(session, { trustedOrigins });
        return { request: (spec) => send(other, spec) };
      },
    };
  },
};
