import { inspect } from 'node:util';
import { attachSession } from 'sluice';
import axios, { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse } from 'axios';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf, instanceOn, sessionOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();

/** What a logger writes for a value. */
const logged = (value: unknown): Record<string, unknown> => ({
  string: String(value),
  inspect: inspect(value),
  deep: inspect(value, { depth: Infinity }),
  json: JSON.stringify(value),
  toJSON: (value as { toJSON?: () => unknown }).toJSON?.(),
  keys: Object.entries(value as object).map(([key, held]) => `${key}=${inspect(held)}`),
});

describe.each(adapters)('An error holds no token (%s)', (adapter) => {
  it('after broken JSON', async () => {
    const { api } = appOn(auth.server, { adapter });
    auth.server.route('/api/broken', () => ({ headers: { 'content-type': 'application/json' }, body: '{"' }));
    const error = await errorOf(api.get('/api/broken'));
    expect(error.message).toContain('JSON');
    expectNoToken(logged({ ...(error as object), error }), auth.server.secrets());
  });

  it.each<[string, (sent: Pick<AxiosResponse, 'config'>) => unknown]>([
    ['is no error', ({ config }) => ({ config, response: { status: 500, headers: {}, config } })],
    [
      'has no config, but its response has one',
      ({ config }) => Object.assign(new Error('x'), { response: { status: 500, headers: {}, config } }),
    ],
    ['has a cause with a config', ({ config }) => new Error('x', { cause: new AxiosError('y', 'ERR', config) })],
  ])('when what an adapter throws %s', async (_, failure) => {
    const own: AxiosAdapter = async (config) => {
      throw failure(await axios.getAdapter(adapter)(config));
    };
    const { api } = appOn(auth.server, { adapter: own });
    const error: unknown = await firstValueFrom(api.get('/api/echo')).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9 })).toContain('/api/echo');
    expectNoToken(logged(error), auth.server.secrets());
  });

  const redacted = ({ config }: AxiosError): AxiosError['config'] =>
    config && { ...config, headers: new AxiosHeaders(config.headers).set('Authorization', '***') };
  it.each<[string, (error: AxiosError) => unknown]>([
    ['has redacted its config', (error) => Object.assign(error, { config: redacted(error) })],
    ['has no config', (error) => (delete error.config, error)],
    [
      'was made anew',
      ({ message, code, request, response }) => new AxiosError(message, code, undefined, request, response),
    ],
    ['is of another kind', ({ request }) => Object.assign(new Error('wrapped'), { request: request as unknown })],
    ['has an answer without a config', (error) => (delete (error.response as Partial<AxiosResponse>).config, error)],
    ['is in an AggregateError that is a cause', (error) => new Error('x', { cause: new AggregateError([error]) })],
  ])('when what an adapter throws for a 404 %s', async (_, failure) => {
    const own: AxiosAdapter = (config) =>
      axios
        .getAdapter(adapter)(config)
        .catch((error: unknown) => {
          const thrown = failure(error as AxiosError);
          throw thrown;
        });
    const { api } = appOn(auth.server, { adapter: own });
    const error: unknown = await firstValueFrom(api.get('/api/status/404')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expectNoToken(logged(error), auth.server.secrets());
  });

  it('when an adapter sends by another instance, and the token ended in a line break', async () => {
    const tokens = auth.server.login();
    const api = appOn(auth.server, {
      adapter: (config) => axios.create().request({ ...config, adapter, headers: new AxiosHeaders(config.headers) }),
      sessionOptions: { initial: { ...tokens, accessToken: `${tokens.accessToken}\n` } },
    }).api;
    expectNoToken(logged(await errorOf(api.get('/api/status/404'))), auth.server.secrets());
  });
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
  ] as const)('by the %s', (_way, get) => {
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
