import { createClient, type ClientOptions } from 'sluice';
import axios, { type CreateAxiosDefaults } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/public/echo';

const defaults = { ...axios.defaults };
afterEach(() => {
  Object.assign(axios.defaults, defaults);
});

describe.each(adapters)('a client with an instance of its own, by the %s adapter,', (adapter) => {
  const options = (more: CreateAxiosDefaults<unknown> = {}): CreateAxiosDefaults<unknown> => ({
    baseURL: auth.server.url,
    adapter,
    ...more,
  });
  const client = (more?: CreateAxiosDefaults<unknown>) => createClient(options(more) as ClientOptions);

  it.each(['get', 'delete', 'head', 'options', 'post', 'put', 'patch'])(
    'sends what axios sends for %s, with defaults for all methods and for some',
    async (method) => {
      const more = {
        headers: {
          common: { 'X-All': 'all', Accept: 'application/x-own' },
          [method]: { 'X-One': method },
          'X-Flat': 'flat',
        },
      };
      const request = { url: path, method, ...(method.startsWith('p') && { data: { a: 1 } }) };
      await firstValueFrom(client(more).request(request));
      await axios.create(options(more) as CreateAxiosDefaults).request(request);
      const [own, raw] = auth.server.sent(path).map(({ headers, body }) => ({ headers, body }));
      expect(own).toEqual(raw);
      expect(own?.headers).toMatchObject({ 'x-all': 'all', 'x-one': method, 'x-flat': 'flat' });
    },
  );

  it('sends what axios sends for a request with headers for a method', async () => {
    const request = {
      url: path,
      method: 'post',
      data: 'text',
      headers: { post: { 'X-One': '1' }, common: { 'X-All': '2' } },
    };
    await firstValueFrom(client().request(request as never));
    await axios.create(options() as CreateAxiosDefaults).request(request as never);
    const [own, raw] = auth.server.sent(path).map(({ headers }) => headers);
    expect(own).toEqual(raw);
    expect(own).toMatchObject({ 'x-one': '1', 'x-all': '2' });
  });

  it('makes forms of objects as axios does', async () => {
    await firstValueFrom(client().postForm(path, { name: 'Ada' }));
    const [sent] = auth.server.sent(path);
    expect(sent?.headers['content-type']).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(String(sent?.body)).toContain('Ada');
  });

  describe('reads text that looks like JSON', () => {
    const answer = (): (() => void) =>
      auth.server.route('/public/text', () => ({
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: '{"a":1}',
      }));
    const read = (api: ReturnType<typeof client>, more = {}) => firstValueFrom(api.get('/public/text', more));
    const never = { forcedJSONParsing: false };

    it.each([
      ['as JSON by default', {}, {}, { a: 1 }],
      ['as text where its options say so', { transitional: never }, {}, '{"a":1}'],
      ['as text where the request says so', {}, { transitional: never }, '{"a":1}'],
      ['as JSON where the request says other things', {}, { transitional: { silentJSONParsing: false } }, { a: 1 }],
    ])('%s', async (_, more, request, body) => {
      const undo = answer();
      expect(await read(client(more), request)).toEqual(body);
      undo();
    });

    it('as text where axios as a whole says so, before the client is made', async () => {
      const undo = answer();
      axios.defaults.transitional = { ...axios.defaults.transitional, ...never };
      const api = client();
      Object.assign(axios.defaults, defaults);
      expect(await read(api)).toBe('{"a":1}');
      undo();
    });
  });
});

describe('the environment of a client with an instance of its own', () => {
  const own = () => vi.fn<typeof fetch>((input, init) => fetch(input, init));

  it.each([
    ['by its options', (env: { fetch: typeof fetch }) => ({ client: { env } })],
    ['by the request', (env: { fetch: typeof fetch }) => ({ request: { env } })],
    [
      'by axios as a whole',
      (env: { fetch: typeof fetch }) => {
        axios.defaults.env = { ...axios.defaults.env, ...env };
        return {};
      },
    ],
  ])('is given %s', async (_, give) => {
    const fetching = own();
    const { client = {}, request = {} }: { client?: object; request?: object } = give({ fetch: fetching });
    const api = createClient({ baseURL: auth.server.url, adapter: 'fetch', ...client } as ClientOptions);
    await firstValueFrom(api.get(path, request));
    expect(fetching).toHaveBeenCalledOnce();
  });

  it('is in the config of its answers', async () => {
    const api = createClient({ baseURL: auth.server.url });
    const { config } = await firstValueFrom(api.get(path, { observe: 'response' }));
    expect(config.env).toMatchObject({ FormData: expect.any(Function) as unknown });
    expect(config.transitional).toMatchObject({ forcedJSONParsing: true, clarifyTimeoutError: true });
  });
});
