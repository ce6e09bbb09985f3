/**
 * Copies a body that the caller could still change after the call. The platform reads a body at the call of `fetch`, but a request that
 * waits for a refresh, or is resent, is read later: without a copy, the server would get other bytes than those of the call.
 */
export function ownBody(body: BodyInit): BodyInit {
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  // React Native's FormData cannot be read, and so not be copied either.
  if (!(body instanceof FormData) || typeof body.forEach !== 'function') return body;
  const form = new FormData();
  body.forEach((value, name) => {
    form.append(name, value);
  });
  return form;
}
