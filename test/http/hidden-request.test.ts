import { attachSession, createClient } from 'sluice';
import { AxiosError, type AxiosAdapter, type AxiosResponse } from 'axios';
import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, errorOf, instanceOn, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Get = (path: string, adapter?: AxiosAdapter) => Promise<AxiosResponse>;

/** The three ways to send. */
const ways: Record<'attached' | 'client' | 'client without session', (adapter: 'http' | 'fetch') => Get> = {
  attached: (adapter) => {
    const instance = instanceOn(auth.server, adapter);
    attachSession(instance, sessionOn(auth.server).session);
    return (path, own = instance.defaults.adapter as AxiosAdapter) => instance.get(path, { adapter: own });
  },
  client: (adapter) =>
    getBy(createClient({ axios: instanceOn(auth.server, adapter), session: sessionOn(auth.server).session })),
  'client without session': (adapter) => getBy(createClient({ axios: instanceOn(auth.server, adapter) })),
};
const getBy =
  (api: ReturnType<typeof createClient>): Get =>
  (path, adapter) =>
    firstValueFrom(api.get(path, { observe: 'response', ...(adapter && { adapter }) }));

/** The platform's own request, which would show the token in logs. */
const descriptorOf = (holder: object | undefined) => Object.getOwnPropertyDescriptor(holder, 'request');
const logged = (value: unknown): string => inspect(value, { depth: 8 });
const hidden = { enumerable: false, configurable: true, writable: true, value: expect.any(Object) as object };

describe.each(adapters)('the platform’s request object, with the %s adapter,', (adapter) => {
  describe.each(Object.entries(ways))('(instance: %s)', (_, way) => {
    it('is on a response, and is not enumerable', async () => {
      const response = await way(adapter)('/public/echo');
      expect(descriptorOf(response)).toEqual(hidden);
      expectNoToken(logged(response), auth.server.secrets());
    });

    it.each([404, 500])('is on the error of a %i, and is not enumerable', async (status) => {
      const error = await errorOf(way(adapter)(`/public/status/${status}`));
      expect(descriptorOf(error)).toEqual(hidden);
      expect(descriptorOf(error.response)).toEqual(hidden);
      expect(error.response?.request).toBe(error.request);
      expectNoToken(logged(error), auth.server.secrets());
    });

    it('is on the error of a final 401, and is not enumerable', async () => {
      auth.server.route('/public/never', () => ({ status: 401 }));
      const error = await errorOf(way(adapter)('/public/never'));
      expect(descriptorOf(error)).toEqual(hidden);
      expect(descriptorOf(error.response)).toEqual(hidden);
    });

    it('is missing when an adapter gives none', async () => {
      const answer = { data: 'mine', status: 200, statusText: '', headers: {} };
      const response = await way(adapter)('/public/echo', async (config) => ({ ...answer, config }));
      expect(response).not.toHaveProperty('request');
      const error = await errorOf(
        way(adapter)('/public/echo', (config) =>
          Promise.reject(new AxiosError('no', AxiosError.ERR_NETWORK, config, undefined, { ...answer, config })),
        ),
      );
      expect(error).not.toHaveProperty('request');
      expect(error.response).not.toHaveProperty('request');
    });
  });
});
