import { defer, from, switchMap, type Observable } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { retryOnUnauthorized } from '../../../src/index.ts';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { StatusError } from '../outcome.ts';
import { askBy, postByFetch } from './asking.ts';
import { answerOfResponse, fetchInit, fetchURL } from './fetch-init.ts';
import { ownCredentials, sessionDriver, sessionFor, sluiceVersion, valueOf } from './sluice-session.ts';

/** `retryOnUnauthorized` on `fromFetch`: the operator alone. A signal unsubscribes. */
export const sluiceFetch: Library = {
  name: 'Sluice operator on fromFetch',
  version: sluiceVersion,
  lacks: {
    'attaches-token': 'the caller puts the token into the request',
    origins: 'the caller puts the operator on requests to its own API only',
    interceptors: 'fetch has no interceptors',
    progress: 'fetch tells no progress of uploads',
    'same-client': 'there is no client: the refresh is a request without the operator',
    timeout: 'fetch has no timeout of its own',
    'token-header': 'fetch follows redirects by itself, and keeps all headers but Authorization',
  },
  drive(server, tokens, setup) {
    const session = sessionFor(server, tokens, setup, askBy(server, postByFetch));
    const { isUnauthorized } = setup;
    const send$ = (spec: RequestSpec, withToken: boolean): Observable<Response> => {
      const init = fetchInit(spec);
      return defer(() =>
        fromFetch(fetchURL(server, spec), {
          ...init,
          headers: { ...(withToken && ownCredentials(session)), ...(init.headers as Record<string, string>) },
        }),
      );
    };
    const request$ = (spec: RequestSpec): Observable<Answer> => {
      const read = switchMap((response: Response) => from(answerOfResponse(response, spec)));
      if (spec.session === false) return send$(spec, false).pipe(read);
      if (spec.resend === false) return send$(spec, true).pipe(read);
      if (!isUnauthorized) return send$(spec, true).pipe(retryOnUnauthorized(session), read);
      // If the scenario has a predicate, read each response before the operator sees it, because the predicate needs the body.
      const refused = (outcome: unknown): boolean =>
        outcome instanceof StatusError
          ? isUnauthorized({ status: outcome.status, body: outcome.data })
          : !(outcome instanceof Error) && isUnauthorized(outcome as Answer);
      return send$(spec, true).pipe(read, retryOnUnauthorized(session, { isUnauthorized: refused }));
    };
    return {
      ...sessionDriver(session),
      request: (spec) => valueOf(request$(spec), spec.signal),
      sibling: () => ({ request: (spec) => valueOf(request$(spec), spec.signal) }),
      cold: (spec) => {
        const same$ = request$(spec);
        return { send: (signal) => valueOf(same$, signal) };
      },
    };
  },
};
