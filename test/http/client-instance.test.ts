import { createClient, type ClientOptions } from 'sluice';
import axios, {
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosRequestTransformer,
  type CreateAxiosDefaults,
} from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { restoreAxiosDefaults } from '../support/axios-defaults.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/public/echo';

afterEach(restoreAxiosDefaults);

describe.each(adapters)('a client that makes its own instance, by the %s adapter,', (adapter) => {
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

  it('sends what axios sends for a request with headers for one method', async () => {
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
  ])('sends what axios sends when a default is %s', async (_, value) => {
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
  ])('sends what axios sends when the default headers are %s', async (_, headers) => {
    const more = { headers } as CreateAxiosDefaults<unknown>;
    await firstValueFrom(client(more).get(path));
    await axios.create(options(more) as CreateAxiosDefaults).get(path);
    const [own, raw] = auth.server.sent(path).map((request) => request.headers);
    expect(own).toEqual(raw);
    expect(own?.['x-own']).toBe(headers === null ? undefined : '1');
  });

  it.each<[string, Pick<AxiosRequestConfig, 'transitional' | 'env'>]>([
    ['neither', {}],
    ['a part of each', { transitional: { silentJSONParsing: false }, env: { fetch } }],
  ])('calls a transform with the `transitional` and `env` of axios when the request sets %s', async (_, more) => {
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

  it('makes forms from objects as axios does', async () => {
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
    ])('%s, like axios', async (_, more, request, body) => {
      const undo = answer();
      expect(await read(client(more), request)).toEqual(body);
      undo();
    });

    it('as text when axios’s global defaults said so before the client was made', async () => {
      const undo = answer();
      axios.defaults.transitional = { ...axios.defaults.transitional, ...never };
      const api = client();
      restoreAxiosDefaults();
      expect(await read(api)).toBe('{"a":1}');
      undo();
    });
  });
});
