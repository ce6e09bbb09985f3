import type { ResponseType } from 'axios';

/**
 * Returns a body as an adapter of axios delivers it for this `responseType`, before the transforms. What the server sends is a string or
 * bytes as they are, nothing for `null` and `undefined`, and JSON for everything else.
 */
export function wireBody(body: unknown, responseType: ResponseType | null | undefined): unknown {
  const bytes = bytesOf(body);
  const given = bytes ?? textOf(body);
  switch (responseType) {
    case 'arraybuffer':
      return bufferOf(given);
    case 'stream':
      return typeof given === 'string' ? new TextEncoder().encode(given) : given;
    case 'blob':
      return body instanceof Blob ? body : new Blob([bufferOf(given)]);
    case 'document':
    case 'formdata':
      return body;
    default:
      return typeof given === 'string' ? given : new TextDecoder().decode(given);
  }
}

/** Whether a body is sent as JSON, so that its response must have the content type of JSON. */
export function isSentAsJson(body: unknown): boolean {
  return body != null && typeof body !== 'string' && !bytesOf(body) && !isObjectOnly(body);
}

/** The bytes of a chunk: text as UTF-8. */
export function bytesOfChunk(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}

function bytesOf(body: unknown): Uint8Array | undefined {
  // Do not use `instanceof`: in Jest's jsdom, `ArrayBuffer` is not the class of Node's buffers.
  if (Object.prototype.toString.call(body) === '[object ArrayBuffer]') return new Uint8Array(body as ArrayBuffer);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return undefined;
}

function textOf(body: unknown): string {
  if (body == null || isObjectOnly(body)) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Whether a body is a Blob or a FormData: it is delivered as an object if the response type asks for one, and is empty as text. */
function isObjectOnly(body: unknown): boolean {
  return [Blob, FormData].some((type) => body instanceof type);
}

function bufferOf(given: string | Uint8Array): ArrayBuffer {
  // Copy the bytes, because they may be a part of a larger buffer, which would be delivered as well.
  return new Uint8Array(bytesOfChunk(given)).buffer;
}
