import type { AxiosRequestConfig, AxiosRequestTransformer, InternalAxiosRequestConfig } from 'axios';
import { BodyUsedError, InvalidInputError } from '../session/index.ts';
import { isOneShot, isPromiseLike, readProperty } from '../session/internal.ts';
import { toArray } from './axios-defaults.ts';

/**
 * Makes the body of a request, for each send anew: for streams, which can be read only once. It returns whatever axios accepts as a body,
 * and not a promise of it.
 *
 * @example
 * ```ts
 * api.put('/photo', () => createReadStream('photo.jpg'));
 * ```
 */
export type BodyFactory = () => unknown;

/**
 * Returns the body of one send: what a factory makes, or the body as it was passed.
 *
 * @param sends - the number of earlier sends
 * @throws BodyUsedError if the body can be read only once and has been read: by an earlier send, by another request, or by the app
 * @throws InvalidInputError if a factory returns a promise
 */
export function bodyForSend(data: unknown, sends: number): unknown {
  if (typeof data === 'function') {
    const made = (data as BodyFactory)();
    if (!isPromiseLike(made)) return bodyForSend(made, 0);
    made.then(undefined, () => undefined);
    throw new InvalidInputError('A function that makes a body returns the body itself, not a promise of it.');
  }
  if (isOneShot(data) && (sends > 0 || isSpent(data))) throw new BodyUsedError();
  return data;
}

/** The streams that a request has sent. Otherwise, `retry()` or a second subscription would send what is left of them: usually nothing. */
const sent = new WeakSet();

/** Whether nothing can be read from a stream any more, or a request has read from it. */
function isSpent(stream: object): boolean {
  return sent.has(stream) || ['readableEnded', 'destroyed', 'locked'].some((key) => readProperty(stream, key) === true);
}

/**
 * Copies the bytes of a typed-array view into a buffer of their own, because axios sends the whole buffer behind a view (axios#4068).
 * Node's `Buffer` is also a view, but one that axios sends right.
 */
export function copyViewBytes(data: unknown): unknown {
  if (!ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength) return data;
  const { isBuffer } = data.constructor as { isBuffer?: (value: unknown) => boolean };
  if (isBuffer?.(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

/** Stands in for the content type until the body factory has been called, so that axios does not set one by itself. */
const UNDECIDED_TYPE = '?/?';

/** A form of the `form-data` package, which axios uses in Node. It is a stream and can be read only once. */
type StreamedForm = { getBuffer(): Uint8Array; getHeaders(): Record<string, string> };

/**
 * Wraps the transforms of a request's body, so that the result can be sent by any adapter, and more than once. One transform takes the
 * place of all, because axios goes through all headers for each.
 *
 * @param isSentOnce - true for a request that has no part in a session
 */
export function requestTransform(
  transformRequest: AxiosRequestConfig['transformRequest'],
  isSentOnce: boolean,
): AxiosRequestTransformer[] {
  return [
    function (data: unknown, headers): unknown {
      if (typeof data === 'function' && !isSentOnce) {
        // `makeBody` calls the factory and the transforms at each send. Until then, axios must not set a content type by guessing.
        headers.setContentType(UNDECIDED_TYPE, false);
        return data;
      }
      const made = transformed(this, toArray(transformRequest), copyViewBytes(bodyForSend(data, 0)));
      if (typeof made !== 'object' || made === null) return made;
      // Set the content type of a `FormData`, because only some adapters of axios do that.
      if (made instanceof FormData) headers.setContentType('multipart/form-data', false);
      // Without a content type, axios would declare a file to be a urlencoded form.
      if (made instanceof Blob && made.type) headers.setContentType(made.type, false);
      if (typeof (made as Partial<StreamedForm>).getBuffer !== 'function') return made;
      const form = made as StreamedForm;
      try {
        const bytes = form.getBuffer();
        headers.setContentType(form.getHeaders()['content-type'] ?? null);
        return bytes;
      } catch {
        // `getBuffer` throws if the form contains a stream: then the form itself is sent, once.
        return made;
      }
    },
  ];
}

/** Sets the body of a request's copy for one send, and calls the transforms if a factory makes the body. */
export function makeBody(request: InternalAxiosRequestConfig, sends: number): void {
  const { headers, method = 'get' } = request;
  const given: unknown = request.data;
  const made = bodyForSend(given, sends);
  request.data = made;
  if (typeof given === 'function') {
    if (headers.get('content-type') === UNDECIDED_TYPE) headers.delete('content-type');
    request.data = transformed(request, toArray(request.transformRequest), made);
    // Axios sets this default after the transforms that it runs. These were run here, so set it here.
    if (/^(post|put|patch)$/.test(method)) headers.setContentType('application/x-www-form-urlencoded', false);
  }
  // Note the stream as sent only now: the transforms above call `bodyForSend`, which refuses a stream that a request has sent.
  if (isOneShot(made)) sent.add(made);
}

function transformed(
  request: InternalAxiosRequestConfig,
  transforms: readonly AxiosRequestTransformer[],
  data: unknown,
): unknown {
  const { headers } = request;
  let body = data;
  transforms.forEach((transform, i) => {
    // Normalize the headers between transforms, as axios does.
    if (i > 0) headers.normalize(false);
    body = transform.call(request, body, headers) as unknown;
  });
  return body;
}
