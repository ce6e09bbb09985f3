import type { AxiosRequestConfig, AxiosRequestTransformer, InternalAxiosRequestConfig } from 'axios';
import { BodyUsedError, InvalidInputError } from '../session/index.ts';
import { isOneShot, isPromiseLike } from '../session/internal.ts';
import { toArray } from './axios-defaults.ts';

/** Makes the body anew for each send: for streams, which can be read only once. What it gives is treated as a body is. */
export type BodyFactory = () => unknown;

/**
 * The body of one send. A factory is called for each; anything else is sent as it is, which a stream survives only once.
 *
 * @param sends - how many sends there have been before
 */
export function bodyForSend(data: unknown, sends: number): unknown {
  if (typeof data === 'function') {
    const made = (data as BodyFactory)();
    if (!isPromiseLike(made)) return bodyForSend(made, 0);
    made.then(undefined, () => undefined);
    throw new InvalidInputError('A function that makes a body gives it at once, not as a promise.');
  }
  if (sends > 0 && isOneShot(data)) throw new BodyUsedError();
  return data;
}

/**
 * Axios sends the whole buffer behind a typed-array view (axios#4068): a view of a part becomes a buffer of just that part.
 * Node's own `Buffer` is a view that axios knows.
 */
export function copyViewBytes(data: unknown): unknown {
  if (!ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength) return data;
  const { isBuffer } = data.constructor as { isBuffer?: (value: unknown) => boolean };
  if (isBuffer?.(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

/** The content type of a body that is not made yet. */
const UNDECIDED_TYPE = '?/?';

/** A form of the `form-data` package, with which Node's axios makes its own: a stream. */
type StreamedForm = { getBuffer(): Uint8Array; getHeaders(): Record<string, string> };

/**
 * Stands in for the transforms of a request's body: what it makes can be sent by any adapter, and again. In place of them and not
 * beside them, since axios goes through all headers for each.
 *
 * @param isSentOnce - not by a session
 */
export function requestTransform(
  transformRequest: AxiosRequestConfig['transformRequest'],
  isSentOnce: boolean,
): AxiosRequestTransformer[] {
  return [
    function (data: unknown, headers): unknown {
      if (typeof data === 'function' && !isSentOnce) {
        // What it makes is transformed for each send. Till then its type is not known, and not to be guessed by axios.
        headers.setContentType(UNDECIDED_TYPE, false);
        return data;
      }
      const made = transformed(this, toArray(transformRequest), copyViewBytes(bodyForSend(data, 0)));
      if (typeof made !== 'object' || made === null) return made;
      // Axios leaves the content type of the platform's forms to some adapters only.
      if (made instanceof FormData) headers.setContentType('multipart/form-data', false);
      // It would call a file a form.
      if (made instanceof Blob && made.type) headers.setContentType(made.type, false);
      if (typeof (made as Partial<StreamedForm>).getBuffer !== 'function') return made;
      const form = made as StreamedForm;
      try {
        const bytes = form.getBuffer();
        headers.setContentType(form.getHeaders()['content-type'] ?? null);
        return bytes;
      } catch {
        // It holds a stream.
        return made;
      }
    },
  ];
}

/** Gives the copy of a request for one send its body. */
export function makeBody(request: InternalAxiosRequestConfig, sends: number): void {
  const { headers, method = 'get' } = request;
  const given: unknown = request.data;
  request.data = bodyForSend(given, sends);
  if (typeof given !== 'function') return;
  if (headers.get('content-type') === UNDECIDED_TYPE) headers.delete('content-type');
  request.data = transformed(request, toArray(request.transformRequest), request.data);
  // As axios does after its transforms.
  if (/^(post|put|patch)$/.test(method)) headers.setContentType('application/x-www-form-urlencoded', false);
}

function transformed(
  request: InternalAxiosRequestConfig,
  transforms: readonly AxiosRequestTransformer[],
  data: unknown,
): unknown {
  const { headers } = request;
  let body = data;
  transforms.forEach((transform, i) => {
    // As axios does between them.
    if (i > 0) headers.normalize(false);
    body = transform.call(request, body, headers) as unknown;
  });
  return body;
}
