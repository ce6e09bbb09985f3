import type { AxiosRequestConfig } from 'axios';
import { type Case, casesOf } from '../case.ts';

/** Bodies by their names. */
export type Bodies = Readonly<Record<string, () => unknown>>;

const bytes = Uint8Array.from({ length: 300 }, (_, n) => n);
const form = (): FormData => {
  const made = new FormData();
  made.append('a', '1');
  made.append('file', new Blob(['content'], { type: 'text/plain' }), 'name.txt');
  return made;
};
/** Bodies that every platform has. Each is made again for each send. */
export const platformBodies: Bodies = {
  'an object': () => ({ a: 1, b: [null, 'ü'] }),
  'a list': () => [1, { a: 2 }],
  'an empty object': () => ({}),
  'an object with toJSON': () => ({ toJSON: () => ({ made: true }) }),
  'a date': () => new Date(0),
  'a text': () => 'plain grüß €',
  'an empty text': () => '',
  'JSON as a text': () => '{"a":1}',
  'a number': () => 7,
  true: () => true,
  false: () => false,
  null: () => null,
  undefined: () => undefined,
  URLSearchParams: () => new URLSearchParams({ a: '1 2', b: 'ü' }),
  'an ArrayBuffer': () => bytes.slice().buffer,
  'a typed array': () => bytes.slice(),
  'a view of a part': () => new Uint8Array(bytes.slice().buffer, 10, 20),
  'a DataView': () => new DataView(bytes.slice().buffer),
  'a Blob': () => new Blob(['blob']),
  'a Blob with a type': () => new Blob(['<p>'], { type: 'text/html' }),
  'a form': form,
  'a hundred kilobytes': () => 'x'.repeat(100_000),
};

const types = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain; charset=utf-8',
  'application/vnd.api+json',
];
const plain = [
  'an object',
  'a list',
  'a text',
  'JSON as a text',
  'a number',
  'null',
  'URLSearchParams',
  'a form',
  'a Buffer',
];

export function bodyCases(bodies: Bodies): readonly Case[] {
  const of = (names: readonly string[], options: AxiosRequestConfig): Record<string, () => AxiosRequestConfig> =>
    Object.fromEntries(
      names.filter((name) => name in bodies).map((name) => [name, () => ({ ...options, data: bodies[name]?.() })]),
    );
  return [
    ...['post', 'put', 'patch'].flatMap((method) => casesOf(`body of ${method}`, of(Object.keys(bodies), { method }))),
    ...casesOf('body of delete', of(plain, { method: 'delete' })),
    ...types.flatMap((type) =>
      casesOf(`body as ${type}`, of(plain, { method: 'post', headers: { 'Content-Type': type } })),
    ),
    ...casesOf('body transformed', {
      'by a function': { method: 'post', data: { a: 1 }, transformRequest: (data) => `<${JSON.stringify(data)}>` },
      'by two': {
        method: 'post',
        data: 'x',
        transformRequest: [(data) => `${String(data)}y`, (data) => `${String(data)}z`],
      },
      'and headers with it': {
        method: 'post',
        data: { a: 1 },
        transformRequest: (data, headers) => {
          headers.set('X-Made', 'yes');
          headers.setContentType('text/x-made');
          return JSON.stringify(data);
        },
      },
      'by one that throws': {
        method: 'post',
        data: { a: 1 },
        transformRequest: () => {
          throw new TypeError('cannot be transformed');
        },
      },
      'by none': { method: 'post', data: 'as it is', transformRequest: [] },
      'into bytes': { method: 'post', data: 'x', transformRequest: () => Uint8Array.of(1, 2, 3).buffer },
      'into an object': { method: 'post', data: 'x', transformRequest: () => ({ not: 'sendable' }) },
      'with formSerializer': {
        method: 'post',
        data: { a: [1, 2] },
        headers: { 'Content-Type': 'multipart/form-data' },
        formSerializer: { indexes: null },
      },
    }),
    ...casesOf('upload', {
      'with progress': { method: 'post', data: 'x'.repeat(5000), onUploadProgress: () => undefined },
      'over maxBodyLength': { method: 'post', data: 'x'.repeat(50), maxBodyLength: 10 },
      'within maxBodyLength': { method: 'post', data: 'x'.repeat(50), maxBodyLength: 50 },
    }),
  ];
}
