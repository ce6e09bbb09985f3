import type { AxiosRequestConfig } from 'axios';
import { type Case, casesOf } from '../case.ts';
import { pathOf } from '../answer.ts';

const echo = pathOf({ echo: true });
const nested = { a: { b: [1, { c: 'd' }] }, e: null, f: undefined, g: '' };

const methods = ['get', 'GET', 'delete', 'head', 'options', 'post', 'put', 'patch', 'purge', 'link', 'Unlink'];

const params: Record<string, unknown> = {
  'a text': { q: 'x' },
  'a number, a boolean': { n: 1.5, b: false },
  'null and undefined': { a: null, b: undefined, c: '' },
  'a list': { list: [1, 'two', null] },
  'a list of lists': { list: [[1], [2, 3]] },
  'an object in it': nested,
  'a date': { at: new Date(0) },
  'special characters': { q: "a b+c&d=e/f?g#h%i:j$k,l[m]n'o" },
  Unicode: { q: 'grüß dich €😀' },
  URLSearchParams: new URLSearchParams({ a: '1 2', b: '&' }),
  nothing: {},
  'names with brackets': { 'a[]': [1, 2], 'b[c]': 3 },
};

const serializers: Record<string, AxiosRequestConfig['paramsSerializer']> = {
  'a function': (given: object) => Object.keys(given).join('~'),
  serialize: { serialize: (given: object) => JSON.stringify(given) },
  encode: { encode: (value: unknown) => `<${String(value)}>` },
  'indexes: null': { indexes: null },
  'indexes: true': { indexes: true },
  dots: { dots: true },
};

const urls: Record<string, (base: string) => AxiosRequestConfig> = {
  'a query of its own': () => ({ url: `${echo}?own=1` }),
  'a query of its own and params': () => ({ url: `${echo}?own=1`, params: { q: 2 } }),
  'a fragment': () => ({ url: `${echo}#part`, params: { q: 2 } }),
  'no slash in front': () => ({ url: echo.slice(1) }),
  'two slashes in the middle': () => ({ url: `${echo}//x` }),
  dots: () => ({ url: `/x/..${echo}` }),
  'an absolute URL': (base) => ({ url: `${base}${echo}` }),
  'an absolute URL in capitals': (base) => ({ url: `${base.replace('http', 'HTTP')}${echo}` }),
  'another base': (base) => ({ baseURL: `${base}/`, url: echo }),
  'an empty URL': (base) => ({ baseURL: `${base}${echo}`, url: '' }),
  Unicode: () => ({ url: `${echo}/grüß` }),
  spaces: () => ({ url: `${echo}/a b` }),
};

const headers: Record<string, AxiosRequestConfig['headers']> = {
  one: { 'X-One': '1' },
  'in small letters': { 'x-one': '1' },
  'a number': { 'X-One': 1 },
  'a list': { 'X-List': ['a', 'b'] },
  null: { Accept: null },
  false: { 'User-Agent': false },
  undefined: { 'X-One': undefined },
  'an empty text': { 'X-One': '' },
  'spaces around': { 'X-One': '  1  ' },
  Accept: { Accept: 'text/csv' },
  'User-Agent': { 'User-Agent': 'mine' },
  'Content-Type of a GET': { 'Content-Type': 'text/plain' },
  'Accept-Encoding': { 'Accept-Encoding': 'identity' },
  Cookie: { Cookie: 'a=1; b=2' },
  Connection: { Connection: 'close' },
  Host: { Host: 'elsewhere.example.com' },
  'named like a method': { get: 'x' } as never,
};

const auth: Record<string, AxiosRequestConfig> = {
  auth: { auth: { username: 'ada', password: 'p w' } },
  'auth without a password': { auth: { username: 'ada', password: '' } },
  'auth of Unicode': { auth: { username: 'ädä', password: '€' } },
  Authorization: { headers: { Authorization: 'Basic x' } },
  'authorization, and auth': { headers: { authorization: 'Basic x' }, auth: { username: 'a', password: 'b' } },
};

const map = <T>(
  group: Readonly<Record<string, T>>,
  make: (value: T) => AxiosRequestConfig,
): Record<string, AxiosRequestConfig> =>
  Object.fromEntries(Object.entries(group).map(([name, value]) => [name, make(value)]));

export const requests: readonly Case[] = [
  ...casesOf('method', Object.fromEntries(methods.map((method) => [method, { method }]))),
  ...casesOf('method with a body', Object.fromEntries(methods.map((method) => [method, { method, data: { a: 1 } }]))),
  ...casesOf(
    'params',
    map(params, (value) => ({ params: value })),
  ),
  ...casesOf(
    'params of a POST',
    map(params, (value) => ({ method: 'post', params: value })),
  ),
  ...Object.entries(serializers).flatMap(([name, paramsSerializer]) =>
    casesOf(
      `paramsSerializer ${name}`,
      map(params, (value) => ({ params: value, ...(paramsSerializer && { paramsSerializer }) })),
    ),
  ),
  ...casesOf('URL', Object.fromEntries(Object.entries(urls).map(([name, make]) => [name, ({ base }) => make(base)]))),
  ...casesOf(
    'header',
    map(headers, (value) => (value ? { headers: value } : {})),
  ),
  ...casesOf(
    'header of a POST',
    map(headers, (value) => ({ method: 'post', data: { a: 1 }, ...(value && { headers: value }) })),
  ),
  ...casesOf('credentials', auth),
];
