import { createClient, type ClientOptions } from 'sluice';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientInstance } from '../../src/http/client-instance.ts';
import { restoreAxiosDefaults } from '../support/axios-defaults.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/public/echo';
afterEach(restoreAxiosDefaults);

describe('axios’s global defaults, changed in place,', () => {
  const api = (): ReturnType<typeof createClient> => createClient({ baseURL: auth.server.url });
  const change = (key: 'transitional' | 'env', change: object): void => {
    Object.assign(axios.defaults[key] as object, change);
  };

  it('are used by a client that is made afterwards', async () => {
    const undo = auth.server.route('/public/failing', () => ({ status: 500, headers: {}, body: 'no' }));
    change('transitional', { validateStatusUndefinedResolves: false });
    const request = { validateStatus: undefined } as never;
    expect(await errorOf(api().get('/public/failing', request))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    undo();
  });

  it('are read in the same way as axios reads them', async () => {
    change('transitional', { silentJSONParsing: 'yes' });
    expect(await errorOf(api().get(path))).toMatchObject({ code: 'ERR_BAD_OPTION_VALUE' });
  });

  it('give their FormData class to a client that is made afterwards', async () => {
    const made = vi.fn();
    class OwnForm extends FormData {
      constructor() {
        super();
        made();
      }
    }
    change('env', { FormData: OwnForm });
    await firstValueFrom(api().postForm(path, { a: 1 }));
    expect(made).toHaveBeenCalledOnce();
  });

  it('do not affect clients that exist already', async () => {
    const undo = auth.server.route('/public/text', () => ({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: '{"a":1}',
    }));
    const former = api();
    change('transitional', { forcedJSONParsing: false });
    expect(await firstValueFrom(former.get('/public/text'))).toEqual({ a: 1 });
    undo();
  });
});

describe('the instance that a client makes for itself', () => {
  it('has no defaults that nobody has set', () => {
    const { instance, deferred } = clientInstance({});
    expect(instance.defaults).not.toHaveProperty('transitional');
    expect(instance.defaults).not.toHaveProperty('env');
    expect(Object.keys(instance.defaults.headers)).toEqual(['common']);
    expect(deferred).toEqual({ transitional: axios.defaults.transitional, env: axios.defaults.env });
  });

  it('has the defaults that its options set', () => {
    const transitional = { silentJSONParsing: false };
    const { instance, deferred } = clientInstance({
      transitional,
      env: { fetch },
      headers: { post: { 'X-Own': '1' } },
    });
    expect(instance.defaults).toMatchObject({ transitional, env: { fetch } });
    expect(Object.keys(instance.defaults.headers)).toEqual(['common', 'post']);
    expect(deferred).toEqual({});
  });
});

it('a client adds nothing to the requests of an instance that it is given', async () => {
  const instance = axios.create({ baseURL: auth.server.url });
  instance.defaults.transitional = { silentJSONParsing: false };
  delete instance.defaults.env;
  const { config } = await firstValueFrom(createClient({ axios: instance }).get(path, { observe: 'response' }));
  expect(config.transitional).toEqual({ silentJSONParsing: false, clarifyTimeoutError: true });
  expect(config).not.toHaveProperty('env');
});

describe('the `env` of a client with an instance of its own', () => {
  const own = () => vi.fn<typeof fetch>((input, init) => fetch(input, init));

  it.each([
    ['by its options', (env: { fetch: typeof fetch }) => ({ client: { env } })],
    ['by the request', (env: { fetch: typeof fetch }) => ({ request: { env } })],
    [
      'by axios’s global defaults',
      (env: { fetch: typeof fetch }) => {
        axios.defaults.env = { ...axios.defaults.env, ...env };
        return {};
      },
    ],
  ])('can be set %s', async (_, give) => {
    const fetching = own();
    const { client = {}, request = {} }: { client?: object; request?: object } = give({ fetch: fetching });
    const api = createClient({ baseURL: auth.server.url, adapter: 'fetch', ...client } as ClientOptions);
    await firstValueFrom(api.get(path, request));
    expect(fetching).toHaveBeenCalledOnce();
  });

  it('is in the config of its responses', async () => {
    const api = createClient({ baseURL: auth.server.url });
    const { config } = await firstValueFrom(api.get(path, { observe: 'response' }));
    expect(config.env).toMatchObject({ FormData: expect.any(Function) as unknown });
    expect(config.transitional).toMatchObject({ forcedJSONParsing: true, clarifyTimeoutError: true });
  });
});
