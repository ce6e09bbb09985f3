import { attachSession, createClient, InvalidInputError } from 'sluice';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('attachSession to an instance whose requests could never carry a token', () => {
  const session = () => sessionOn(auth.server).session;
  const attach = (defaults?: CreateAxiosDefaults, trustedOrigins?: readonly string[]) => () =>
    attachSession(axios.create(defaults), session(), trustedOrigins && { trustedOrigins });

  it.each([
    ['no base URL', attach()],
    ['a relative base URL', attach({ baseURL: '/api' })],
    ['no base URL and an empty list of origins', attach({}, [])],
  ])('throws at the call when the instance has %s', (_, call) => {
    expect(call).toThrow(InvalidInputError);
    expect(call).toThrow('attachSession() needs a baseURL or trustedOrigins');
  });

  it('succeeds with trustedOrigins', async () => {
    const instance = axios.create();
    attachSession(instance, session(), { trustedOrigins: [auth.server.url] });
    await instance.get(`${auth.server.url}/api/test-get`);
    expect(auth.server.requests).toMatchObject([{ tokenState: 'valid' }]);
  });
});

describe('attachSession to an instance with credentials among its defaults', () => {
  const warn = vi.spyOn(console, 'warn');
  beforeEach(() => {
    warn.mockReset();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const ways: Record<string, (instance: AxiosInstance) => () => Promise<unknown>> = {
    'attached instance': (instance) => {
      attachSession(instance, sessionOn(auth.server).session);
      return () => instance.get('/public/echo');
    },
    client: (instance) => {
      const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
      return () => firstValueFrom(api.get('/public/echo'));
    },
  };
  const set: Record<string, (instance: AxiosInstance) => void> = {
    'for all methods': ({ defaults }) => (defaults.headers.common.Authorization = 'Bearer s3cr3t'),
    'for one method': ({ defaults }) => (defaults.headers.get['authorization'] = 'Bearer s3cr3t'),
    'beside the methods': ({ defaults }) => (defaults.headers['Authorization'] = 'Bearer s3cr3t'),
    'as auth': ({ defaults }) => (defaults.auth = { username: 'ada', password: 's3cr3t' }),
  };

  describe.each(Object.entries(ways))('a warning on the console about them, with the %s,', (_, way) => {
    it.each(Object.entries(set))('comes once in development, and does not quote them (%s)', async (_kind, setting) => {
      const instance = axios.create({ baseURL: auth.server.url });
      const send = way(instance);
      await send();
      expect(warn).not.toHaveBeenCalled();
      setting(instance);
      await send();
      await send();
      expect(warn).toHaveBeenCalledOnce();
      expect(warn.mock.calls).toMatchObject([[expect.stringContaining('hold an Authorization')]]);
      expect(String(warn.mock.calls)).not.toContain('s3cr3t');
    });

    it('does not come in production', async () => {
      vi.stubEnv('NODE_ENV', 'production');
      const instance = axios.create({ baseURL: auth.server.url });
      const send = way(instance);
      set['for all methods']?.(instance);
      await send();
      expect(warn).not.toHaveBeenCalled();
    });

    it('does not come for a request that brings its own credentials', async () => {
      const instance = axios.create({ baseURL: auth.server.url });
      instance.interceptors.request.use((config) => {
        config.headers.set('Authorization', 'Basic of one request');
        return config;
      });
      await way(instance)();
      expect(warn).not.toHaveBeenCalled();
    });
  });
});
