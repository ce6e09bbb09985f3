import type { Difference } from './compare.ts';
import type { Version } from './versions.ts';
import type { Run } from './ways.ts';

/** Where a difference was seen. */
export interface Seen extends Difference, Run {
  readonly name: string;
  readonly version: Version;
}

/** A difference from raw axios that is meant to be. */
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
    what: 'The config of an answer or an error has a `signal`, also where the caller gave none.',
    reason: 'By it unsubscribing aborts the request on the wire.',
    explains: (seen) => isClients(seen) && seen.field.endsWith('config') && isOnly(['signal'], seen),
  },
  {
    what: "An empty body is `null` and not `''`.",
    reason: 'A body that is typed as JSON is then an object or `null`, whatever the adapter and the version.',
    explains: (seen) => isClients(seen) && seen.field === 'data' && seen.raw === '' && seen.sluice === null,
  },
  {
    what: 'A body that says it is JSON and is not is an `AxiosError` with `ERR_BAD_RESPONSE`, whose message does not quote it.',
    reason: "Axios gives the text where an object was asked for, and a parser's message may quote what is secret.",
    explains: (seen) => isClients(seen) && seen.name.includes('broken JSON') && !seen.name.includes('of a 500'),
  },
  {
    what: 'A `parseReviver` is used also with axios 1.7, which does not know it.',
    reason: 'What reads JSON strictly is the client itself.',
    explains: (seen) =>
      isClients(seen) && seen.version === 'oldest' && seen.name.includes('reviver') && seen.field === 'data',
  },
  {
    what: 'An error for a signal that was aborted has no `config`.',
    reason:
      'It is given at once, beforehand, while interceptors work and while the answer is read; its `cause` is the reason.',
    explains: (seen) => isClients(seen) && seen.name.includes('signal:') && seen.field === 'error config',
  },
  {
    what: 'An error for a signal that was aborted says `canceled`.',
    reason: "Axios's `fetch` adapter gives the message of the reason instead, its other adapters do not.",
    explains: (seen) => isClients(seen) && seen.name.includes('signal:') && seen.field === 'message',
  },
  {
    what: 'The code of a timeout is `ETIMEDOUT`.',
    reason: 'Axios says `ECONNABORTED` by some adapters unless `clarifyTimeoutError` is set.',
    explains: (seen) =>
      isClients(seen) && seen.field === 'code' && seen.raw === 'ECONNABORTED' && seen.sluice === 'ETIMEDOUT',
  },
  {
    what: 'A body that can be read only once is not sent again after a 401: `BodyUsedError`.',
    reason: 'Its second send would be empty. A function that makes the body is called for each send.',
    explains: (seen) => seen.isExpired && seen.name.includes('a stream'),
  },
  {
    what: 'An answer of 401 to a token that the session holds for good is refreshed, and the request sent once more.',
    reason: "That is what the session is for; the second 401 is the caller's.",
    explains: (seen) => /status.*: 401|validateStatus.*401/.test(seen.name) && seen.field === 'requests',
  },
  {
    what: 'A 401 whose body is over `maxContentLength` is not refreshed.',
    reason: 'Axios gives an error without a status in its place, with raw axios, too.',
    explains: (seen) => seen.isExpired && seen.name.includes('over maxContentLength') && seen.field === 'requests',
  },
  {
    what: 'A typed array that is a view of a part of its buffer is sent as that part.',
    reason: 'Axios sends the whole buffer (axios#4068).',
    explains: (seen) => seen.name.includes('a view of a part') && /^sent (body|headers)$/.test(seen.field),
  },
  {
    what: 'A form of the `form-data` package, and an object sent as `multipart/form-data`, is sent by `fetch` in Node as the form.',
    reason: 'Axios sends the text `[object FormData]`.',
    explains: (seen) =>
      seen.adapter === 'fetch' &&
      /form-data|formSerializer/.test(seen.name) &&
      /^sent (body|headers)$/.test(seen.field),
  },
  {
    what: "A platform's form has the type `multipart/form-data` by `fetch` (with axios 1.7 without its boundary).",
    reason:
      'Axios calls it `application/x-www-form-urlencoded` in Node. The adapter of 1.7 writes no boundary in any case.',
    explains: (seen) => seen.adapter === 'fetch' && seen.name.includes('a form') && seen.field === 'sent headers',
  },
  {
    what: 'A `Blob` that has a type is sent with it.',
    reason: 'Axios calls it `application/x-www-form-urlencoded` by `fetch` and by XHR.',
    explains: (seen) =>
      seen.adapter !== 'http' && seen.name.includes('a Blob with a type') && seen.field === 'sent headers',
  },
];
