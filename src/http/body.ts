import axios, { type AxiosHeaders, type AxiosRequestConfig, type AxiosRequestTransformer } from 'axios';
import { BodyNotReplayableError } from '../session/index.ts';
import { listed, onlyOwn } from './transforms.ts';

/** Makes the body anew for each send: for streams, which can be read only once. */
export type BodyFactory = () => unknown;

/**
 * The body of one send. A factory is called for each; anything else is sent as it is, which a stream survives only once.
 *
 * @param sends - how many sends there have been before
 */
export function bodyOfSend(data: unknown, sends: number): unknown {
  if (typeof data === 'function') return (data as BodyFactory)();
  if (sends > 0 && isOneShot(data)) throw new BodyNotReplayableError();
  return data;
}

/** Node streams (and the `form-data` package's forms, which are streams), web streams, async iterables. */
function isOneShot(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return 'pipe' in data || 'getReader' in data || Symbol.asyncIterator in data;
}

/**
 * Axios sends the whole buffer behind a typed-array view (axios#4068): a view of a part becomes a buffer of just that part.
 * Node's own `Buffer` is a view that axios knows.
 */
export function exactBytes(data: unknown): unknown {
  if (!ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength) return data;
  const { isBuffer } = data.constructor as { isBuffer?: (value: unknown) => boolean };
  if (isBuffer?.(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

/** A form of the `form-data` package, with which Node's axios makes its own: a stream. */
type StreamedForm = { getBuffer(): Uint8Array; getHeaders(): Record<string, string> };

/** Takes the body through axios's transforms in a state in which it can be sent, by any adapter and again. */
export function sendable(
  data: unknown,
  transformRequest: AxiosRequestConfig['transformRequest'],
): Pick<AxiosRequestConfig, 'data' | 'transformRequest'> {
  // Of nothing, axios's own makes nothing.
  if (data == null && onlyOwn(transformRequest, axios.defaults.transformRequest)) return { data };
  const body = exactBytes(data);
  const last = (made: unknown, headers: AxiosHeaders): unknown => {
    // Axios makes JSON of a function where the content type asks for it, which is nothing.
    if (typeof body === 'function') return made ?? body;
    // Axios leaves the content type of the platform's forms to some adapters only.
    if (made instanceof FormData) headers.setContentType('multipart/form-data', false);
    // It would call a file a form.
    if (made instanceof Blob && made.type) headers.setContentType(made.type, false);
    if (typeof (made as Partial<StreamedForm> | null)?.getBuffer !== 'function') return made;
    const form = made as StreamedForm;
    try {
      const bytes = form.getBuffer();
      headers.setContentType(form.getHeaders()['content-type'] ?? null);
      return bytes;
    } catch {
      // It holds a stream.
      return made;
    }
  };
  return { data: body, transformRequest: [...listed(transformRequest), last as AxiosRequestTransformer] };
}
