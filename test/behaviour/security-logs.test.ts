import { inspect } from 'node:util';
import { attachSession } from 'sluice';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf, instanceOn, sessionOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();

/** What a logger makes of a value. */
const logged = (value: unknown): Record<string, unknown> => ({
  string: String(value),
  inspect: inspect(value),
  deep: inspect(value, { depth: Infinity }),
  json: JSON.stringify(value),
  toJSON: (value as { toJSON?: () => unknown }).toJSON?.(),
  keys: Object.entries(value as object).map(([key, held]) => `${key}=${inspect(held)}`),
});

describe.each(adapters)('What is logged holds no token (%s)', (adapter) => {
  const client = (path: string, options?: object): Observable<unknown> =>
    appOn(auth.server, { adapter }).api.get(path, { observe: 'response', ...options });
  const attached = (path: string, options?: object): Promise<unknown> => {
    const instance = instanceOn(auth.server, adapter);
    attachSession(instance, sessionOn(auth.server).session);
    return instance.get(path, options);
  };

  describe.each([
    ['client', client],
    ['attached instance', attached],
  ] as const)('by a %s', (_way, get) => {
    it.each([
      ['a 500', '/api/status/500', {}],
      ['a 404', '/api/status/404', {}],
      ['a 401 that no refresh heals', '/api/challenge?error=insufficient_user_authentication', {}],
      ['a broken connection', '/api/broken', {}],
      ['a timeout', '/api/slow?ms=3000', { timeout: 30 }],
      ['an abort', '/api/slow?ms=3000', { signal: AbortSignal.abort() }],
    ])('%s', async (_title, path, options) => {
      auth.server.route('/api/broken', () => ({ fault: 'half-body', body: 'x'.repeat(1000) }));
      expectNoToken(logged(await errorOf(get(path, options))), auth.server.secrets());
    });

    it('a response', async () => {
      const request = get('/api/test-get');
      const response = await (request instanceof Promise ? request : firstValueFrom(request));
      expect(inspect(response)).toContain('It works');
      expectNoToken(logged({ ...(response as object) }), auth.server.secrets());
      expect(logged(response)['inspect']).not.toContain('Bearer');
    });
  });
});
