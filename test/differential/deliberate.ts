import type { Difference } from './compare.ts';
import type { Version } from './versions.ts';
import type { Run } from './ways.ts';

/** A difference, and the run that it was found in. */
export interface Seen extends Difference, Run {
  readonly name: string;
  readonly version: Version;
}

/** An intended difference from raw axios. */
export interface Deliberate {
  readonly what: string;
  readonly reason: string;
  explains(seen: Seen): boolean;
}

const isClients = ({ way }: Seen): boolean => way === 'client';
const isOnly = (added: readonly string[], { raw, sluice }: Seen): boolean =>
  Array.isArray(raw) &&
  Array.isArray(sluice) &&
  JSON.stringify(sluice.filter((key) => !raw.includes(key))) === JSON.stringify(added) &&
  raw.every((key) => sluice.includes(key));

export const deliberate: readonly Deliberate[] = [
  {
    what: 'The config of a response or an error has a `signal`, even if the caller gave none.',
    reason: 'Unsubscribing aborts the request in flight by it.',
    explains: (seen) => isClients(seen) && seen.field.endsWith('config') && isOnly(['signal'], seen),
  },
  {
    what: "An empty body is `null` and not `''`.",
    reason: 'A body whose content type is JSON is then an object or `null`, whatever the adapter and the version.',
    explains: (seen) => isClients(seen) && seen.field === 'data' && seen.raw === '' && seen.sluice === null,
  },
  {
    what: 'A body with a JSON content type that is not valid JSON is an `AxiosError` with `ERR_BAD_RESPONSE`, whose message does not quote it.',
    reason:
      "Axios returns the text although an object was expected, and a parser's message may quote something secret.",
    explains: (seen) => isClients(seen) && seen.name.includes('broken JSON') && !seen.name.includes('of a 500'),
  },
  {
    what: 'A `parseReviver` works with axios 1.7 as well, which ignores it.',
    reason: 'The client itself parses JSON strictly.',
    explains: (seen) =>
      isClients(seen) && seen.version === 'oldest' && seen.name.includes('reviver') && seen.field === 'data',
  },
  {
    what: 'An error for a signal that was aborted has no `config`.',
    reason:
      'It is emitted at once: before the send, while interceptors run, and while the response is read. Its `cause` is the reason.',
    explains: (seen) => isClients(seen) && seen.name.includes('signal:') && seen.field === 'error config',
  },
  {
    what: 'An error for a signal that was aborted says `canceled`.',
    reason: "Axios's `fetch` adapter uses the message of the reason instead; its other adapters do not.",
    explains: (seen) => isClients(seen) && seen.name.includes('signal:') && seen.field === 'message',
  },
  {
    what: 'The code of a timeout is `ETIMEDOUT`.',
    reason: 'With some adapters, axios gives `ECONNABORTED` unless `clarifyTimeoutError` is set.',
    explains: (seen) =>
      isClients(seen) && seen.field === 'code' && seen.raw === 'ECONNABORTED' && seen.sluice === 'ETIMEDOUT',
  },
  {
    what: 'A body that can be read only once is not sent again after a 401: `BodyUsedError`.',
    reason: 'Its second send would be empty. A function that makes the body is called for each send.',
    explains: (seen) => seen.isExpired && seen.name.includes('a stream'),
  },
  {
    what: 'After a 401 to a token that the session considers valid, a refresh runs and the request is sent once more.',
    reason: 'This is the purpose of a session; a second 401 is delivered.',
    explains: (seen) => /status.*: 401|validateStatus.*401/.test(seen.name) && seen.field === 'requests',
  },
  {
    what: 'A 401 whose body exceeds `maxContentLength` starts no refresh.',
    reason: 'Axios gives an error without a status instead, as raw axios does.',
    explains: (seen) => seen.isExpired && seen.name.includes('over maxContentLength') && seen.field === 'requests',
  },
  {
    what: 'A typed array that is a view of a part of its buffer is sent as that part only.',
    reason: 'Axios sends the whole buffer.',
    explains: (seen) => seen.name.includes('a view of a part') && /^sent (body|headers)$/.test(seen.field),
  },
  {
    what: 'Over `fetch` in Node, a form of the `form-data` package, and an object sent as `multipart/form-data`, are sent as forms.',
    reason: 'Axios sends the string `[object FormData]`.',
    explains: (seen) =>
      seen.adapter === 'fetch' &&
      /form-data|formSerializer/.test(seen.name) &&
      /^sent (body|headers)$/.test(seen.field),
  },
  {
    what: 'Over `fetch`, a platform `FormData` has the content type `multipart/form-data` (with axios 1.7 without its boundary).',
    reason: 'Axios labels it `application/x-www-form-urlencoded` in Node. The adapter of 1.7 never writes a boundary.',
    explains: (seen) => seen.adapter === 'fetch' && seen.name.includes('a form') && seen.field === 'sent headers',
  },
  {
    what: 'A `Blob` with a type is sent with that content type.',
    reason: 'Axios labels it `application/x-www-form-urlencoded` over `fetch` and XHR.',
    explains: (seen) =>
      seen.adapter !== 'http' && seen.name.includes('a Blob with a type') && seen.field === 'sent headers',
  },
];
