import { createClient, type ClientOptions } from 'sluice';
import axios, {
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosRequestTransformer,
  type CreateAxiosDefaults,
} from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/public/echo';

const { transitional, env } = axios.defaults;
const before = { transitional: { ...transitional }, env: { ...env } };
/** Takes back what a test has changed, in place or as a whole. */
const restore = (): void => {
  Object.assign(axios.defaults, { transitional, env });
  for (const [one, was] of [
    [transitional, before.transitional],
    [env, before.env],
  ] as [object, object][]) {
    for (const key of Object.keys(one)) Reflect.deleteProperty(one, key);
    Object.assign(one, was);
  }
};
afterEach(restore);

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

  it.each<[string, unknown]>([
    ['null', null],
    ['an empty array', []],
    ['an empty object', {}],
    ['a date', new Date(0)],
    ['empty headers of axios', new AxiosHeaders()],
    ['false', false],
    ['empty text', ''],
  ])('sends what axios sends where a default is %s', async (_, value) => {
    const more = { headers: { 'X-Own': value, Accept: value } } as CreateAxiosDefaults<unknown>;
    await firstValueFrom(client(more).get(path));
    await axios.create(options(more) as CreateAxiosDefaults).get(path);
    const [own, raw] = auth.server.sent(path).map(({ headers }) => headers);
    expect(own).toEqual(raw);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['headers of axios', new AxiosHeaders({ 'X-Own': '1' })],
    ['headers of the platform', new Headers({ 'X-Own': '1' })],
    ['a map', new Map([['X-Own', '1']])],
    ['pairs', [['X-Own', '1']]],
    ['text', 'X-Own: 1'],
    ['without a prototype', Object.assign(Object.create(null), { 'X-Own': '1' })],
  ])('sends what axios sends where the default headers are %s', async (_, headers) => {
    const more = { headers } as CreateAxiosDefaults<unknown>;
    await firstValueFrom(client(more).get(path));
    await axios.create(options(more) as CreateAxiosDefaults).get(path);
    const [own, raw] = auth.server.sent(path).map((request) => request.headers);
    expect(own).toEqual(raw);
    expect(own?.['x-own']).toBe(headers === null ? undefined : '1');
  });

  it.each<[string, Pick<AxiosRequestConfig, 'transitional' | 'env'>]>([
    ['nothing', {}],
    ['a part', { transitional: { silentJSONParsing: false }, env: { fetch } }],
  ])('shows a transform of bodies what axios shows it, where the request says %s', async (_, more) => {
    const seen: unknown[] = [];
    const transformRequest: AxiosRequestTransformer = function (data: unknown) {
      seen.push({ transitional: this.transitional, env: this.env });
      return data;
    };
    await firstValueFrom(client().post(path, 'text', { transformRequest, ...more }));
    await firstValueFrom(client({ transformRequest }).post(path, 'text', more));
    await axios.create(options({ transformRequest }) as CreateAxiosDefaults).post(path, 'text', more);
    expect(seen).toEqual([seen[2], seen[2], seen[2]]);
    expect(seen[2]).toMatchObject({ env: { FormData: expect.any(Function) as unknown } });
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
      restore();
      expect(await read(api)).toBe('{"a":1}');
      undo();
    });
  });
});

describe('what axios as a whole has, changed in place,', () => {
  const api = (): ReturnType<typeof createClient> => createClient({ baseURL: auth.server.url });
  const change = (key: 'transitional' | 'env', change: object): void => {
    Object.assign(axios.defaults[key] as object, change);
  };

  it('counts for the client that is made afterwards', async () => {
    const undo = auth.server.route('/public/failing', () => ({ status: 500, headers: {}, body: 'no' }));
    change('transitional', { validateStatusUndefinedResolves: false });
    const request = { validateStatus: undefined } as never;
    expect(await errorOf(api().get('/public/failing', request))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    undo();
  });

  it('is looked at as axios looks at it', async () => {
    change('transitional', { silentJSONParsing: 'yes' });
    expect(await errorOf(api().get(path))).toMatchObject({ code: 'ERR_BAD_OPTION_VALUE' });
  });

  it('makes the forms of the client that is made afterwards', async () => {
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

  it('leaves clients alone that are there', async () => {
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

it('puts nothing into the requests of an instance that is given', async () => {
  const instance = axios.create({ baseURL: auth.server.url });
  instance.defaults.transitional = { silentJSONParsing: false };
  instance.defaults.env = {};
  const { config } = await firstValueFrom(createClient({ axios: instance }).get(path, { observe: 'response' }));
  expect(config).toMatchObject({ transitional: { silentJSONParsing: false, clarifyTimeoutError: true }, env: {} });
  expect(Object.keys({ ...config.transitional, ...config.env })).toEqual(['silentJSONParsing', 'clarifyTimeoutError']);
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
