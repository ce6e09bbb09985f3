import type { AxiosRequestConfig, ResponseType } from 'axios';
import type { Answer } from '../answer.ts';
import { type Case, casesOf } from '../case.ts';
import { pathOf } from '../answer.ts';

const json = { 'content-type': 'application/json' };
const answers: Record<string, Answer> = {
  JSON: { headers: json, body: '{"a":[1,"ü"]}' },
  'JSON of a text': { headers: json, body: '"text"' },
  'JSON null': { headers: json, body: 'null' },
  'JSON with a byte order mark': { headers: json, body: '\uFEFF{"a":1}' },
  'broken JSON': { headers: json, body: '{"a":' },
  'broken JSON of a 500': { status: 500, headers: json, body: '{"a":' },
  'JSON that says text': { headers: { 'content-type': 'text/plain' }, body: '{"a":1}' },
  'JSON lines': { headers: { 'content-type': 'application/json-seq' }, body: '{"a":1}\n{"a":2}\n' },
  text: { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'grüß €' },
  HTML: { headers: { 'content-type': 'text/html' }, body: '<p>x</p>' },
  nothing: { headers: json },
  'no content': { status: 204 },
  'no type': { body: 'x' },
};
const types = [undefined, '', null, 'json', 'text', 'arraybuffer', 'stream', 'blob'] as (ResponseType | undefined)[];

const statuses = [200, 201, 202, 206, 300, 304, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503];
const validations: Record<string, AxiosRequestConfig['validateStatus']> = {
  null: null,
  undefined: undefined,
  always: () => true,
  never: () => false,
};

const redirectsOf = (status: number): Case[] =>
  [false, true].flatMap((elsewhere) => {
    const answer: Answer = { status, redirect: { to: { echo: true }, elsewhere } };
    return casesOf(
      `redirect ${String(status)} ${elsewhere ? 'elsewhere' : 'here'}`,
      {
        'of a GET': {},
        'of a POST': { method: 'post', data: { a: 1 }, headers: { 'X-Mine': 'yes' } },
        'with maxRedirects: 0': { maxRedirects: 0 },
        'with beforeRedirect': {
          beforeRedirect: (options: Record<string, unknown>) => void (options['tested'] = true),
        },
      },
      answer,
    );
  });

const two: Answer = { status: 302, redirect: { to: { status: 302, redirect: { to: { echo: true } } } } };

export const answerCases: readonly Case[] = [
  ...types.flatMap((responseType) =>
    Object.entries(answers).flatMap(([name, answer]) =>
      casesOf(
        'answer',
        {
          [`${name} as ${JSON.stringify(responseType) ?? 'default'}`]:
            responseType === undefined ? {} : { responseType },
        },
        answer,
      ),
    ),
  ),
  ...statuses.flatMap((status) => casesOf('status', { [status]: {} }, { status, headers: json, body: '{"s":1}' })),
  ...statuses
    .slice(4)
    .flatMap((status) => casesOf('status of a POST', { [status]: { method: 'post', data: 'x' } }, { status })),
  ...[200, 401, 404].flatMap((status) =>
    Object.entries(validations).flatMap(([name, validateStatus]) =>
      casesOf(
        `validateStatus ${name}`,
        { [status]: { validateStatus } as AxiosRequestConfig },
        { status, headers: json, body: '{}' },
      ),
    ),
  ),
  ...[301, 302, 303, 307, 308].flatMap(redirectsOf),
  ...casesOf(
    'two redirects',
    { 'within maxRedirects': { maxRedirects: 2 }, 'over maxRedirects': { maxRedirects: 1 } },
    two,
  ),
  ...(['gzip', 'deflate', 'br'] as const).flatMap((encoding) =>
    casesOf(
      `encoding ${encoding}`,
      { 'by default': {}, 'with decompress: false': { decompress: false, responseType: 'arraybuffer' } },
      { headers: json, body: '{"a":1}', encoding },
    ),
  ),
  ...casesOf(
    'responseEncoding',
    { latin1: { responseEncoding: 'latin1' }, base64: { responseEncoding: 'base64' } },
    answers['text'],
  ),
  ...casesOf(
    'limit',
    { 'over maxContentLength': { maxContentLength: 3 }, 'within maxContentLength': { maxContentLength: 100 } },
    answers['JSON'],
  ),
  ...casesOf(
    'answer transformed',
    {
      'by a function': { transformResponse: (data) => `<${String(data)}>` },
      'by one that throws': {
        transformResponse: () => {
          throw new TypeError('cannot be read');
        },
      },
      'by none': { transformResponse: [] },
      'with a reviver': {
        parseReviver: (_key: string, value: unknown) => (typeof value === 'number' ? value + 1 : value),
      } as AxiosRequestConfig,
      'with silentJSONParsing: false': { transitional: { silentJSONParsing: false }, responseType: 'json' },
    },
    answers['JSON'],
  ),
  ...casesOf(
    'silentJSONParsing: false',
    { 'broken JSON': { transitional: { silentJSONParsing: false }, responseType: 'json' } },
    answers['broken JSON'],
  ),
  ...casesOf('download', { 'with progress': { onDownloadProgress: () => undefined } }, answers['JSON']),
  ...casesOf('connection', { 'broken before the answer': {} }, { breaks: 'before' }),
  ...casesOf('connection', { 'broken within the body': {} }, { breaks: 'within', headers: json, body: '{"a":1}' }),
  ...casesOf('connection', {
    'to nobody': { baseURL: 'http://127.0.0.1:1' },
  }),
  ...casesOf('connection', {
    'to another origin': ({ elsewhere }) => ({ url: `${elsewhere}${pathOf({ echo: true })}` }),
  }),
  ...casesOf('timeout', { 'in time': { timeout: 5000 } }),
  ...casesOf(
    'timeout',
    { 'too late': { timeout: 300 }, 'with a message': { timeout: 300, timeoutErrorMessage: 'slow' } },
    { delayMs: 1500 },
  ),
  ...casesOf(
    'timeout',
    { 'called ETIMEDOUT': { timeout: 300, transitional: { clarifyTimeoutError: true } } },
    { delayMs: 1500 },
  ),
  ...casesOf('signal', { 'aborted beforehand': () => ({ signal: AbortSignal.abort() }) }),
  ...casesOf('signal', { 'aborted on the way': {} }, { delayMs: 1500 }, { abortAfterMs: 300 }),
  ...casesOf('XSRF', {
    names: { xsrfCookieName: 'c', xsrfHeaderName: 'X-C', withXSRFToken: true },
    withCredentials: { withCredentials: true },
  }),
  ...casesOf('a key of its own', { is: { mine: { a: 1 } } as AxiosRequestConfig }),
  ...casesOf('URL', {
    'of an unknown scheme': { url: 'unknown://x/y' },
    'with data': { url: 'data:text/plain,hello' },
  }),
];
