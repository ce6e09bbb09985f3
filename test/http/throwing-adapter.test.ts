import { attachSession, createClient } from 'sluice';
import { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { instanceOn, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it.each(['attached', 'client'])(
  'an adapter that throws its 401 whatever validateStatus says is healed, by %s',
  async (way) => {
    let n = 0;
    const adapter: AxiosAdapter = async (config) => {
      const response = {
        status: 200,
        data: 'healed',
        statusText: '',
        headers: new AxiosHeaders(),
        config,
      } as AxiosResponse;
      if ((n += 1) > 1) return response;
      throw new AxiosError('401', AxiosError.ERR_BAD_REQUEST, config, null, {
        ...response,
        status: 401,
      });
    };
    const instance = instanceOn(auth.server);
    const { session } = sessionOn(auth.server);
    instance.defaults.adapter = adapter;
    if (way === 'attached') {
      attachSession(instance, session);
      expect((await instance.get<unknown>('/api/echo')).data).toBe('healed');
    } else expect(await firstValueFrom(createClient({ axios: instance, session }).get('/api/echo'))).toBe('healed');
  },
);
