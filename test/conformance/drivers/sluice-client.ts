import type { AxiosResponse } from 'axios';
import { firstValueFrom, type Observable } from 'rxjs';
import { createClient, type Client } from '../../../src/index.ts';
import type { Library, RequestSpec } from '../driver.ts';
import { askBy, postByAxios, postLater, type TokenBody } from './asking.ts';
import { answerOf, axiosConfig, instanceFor } from './axios-config.ts';
import { ownCredentials, sessionDriver, sessionFor, sluiceVersion, valueOf } from './sluice-session.ts';

/** `createClient`: cold Observables over axios. A signal unsubscribes. */
export const sluiceClient: Library = {
  name: 'Sluice client',
  version: sluiceVersion,
  lacks: {},
  drive(server, tokens, setup) {
    const post = setup.refreshThroughClient
      ? postLater((url, body, signal) =>
          firstValueFrom(client.post<TokenBody>(url, body, { ...(signal && { signal }) })),
        )
      : postByAxios;
    const session = sessionFor(server, tokens, setup, askBy(server, post));
    const makeClient = (): Client => {
      const { isUnauthorized } = setup;
      return createClient({
        axios: instanceFor(server, setup.hooks, () => undefined),
        session,
        ...(isUnauthorized && { isUnauthorized: (response) => isUnauthorized(answerOf(response)) }),
      });
    };
    const client = makeClient();
    const request$ = (by: Client, spec: RequestSpec): Observable<AxiosResponse<unknown>> => {
      const { url = '', headers = {}, ...config } = axiosConfig(spec);
      return by.request({
        ...config,
        url,
        headers: { ...headers, ...(spec.resend === false && ownCredentials(session)) },
        ...(spec.session === false && { session: false }),
        observe: 'response',
      });
    };
    const send = async (by: Client, spec: RequestSpec) => answerOf(await valueOf(request$(by, spec), spec.signal));
    return {
      ...sessionDriver(session),
      request: (spec) => send(client, spec),
      sibling: () => {
        const other = makeClient();
        return { request: (spec) => send(other, spec) };
      },
      cold: (spec) => {
        const same$ = request$(client, spec);
        return { send: async (signal) => answerOf(await valueOf(same$, signal)) };
      },
    };
  },
};
