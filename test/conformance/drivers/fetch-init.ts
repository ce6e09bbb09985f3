import type { AuthServer } from '../../support/auth-server.ts';
import type { Answer, RequestSpec } from '../driver.ts';
import { StatusError } from '../outcome.ts';

/** undici requires this option for a body that is a stream: the body is sent before the response is read. */
type StreamingInit = RequestInit & { duplex?: 'half' };

/** A request as fetch takes it. Its signal is left to the driver. */
export function fetchInit({ method = 'GET', json, chunks, headers }: RequestSpec): StreamingInit {
  return {
    method,
    headers: { ...(json !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(chunks && { body: oneShot(chunks), duplex: 'half' }),
  };
}

export function fetchURL({ url: base }: AuthServer, { url }: RequestSpec): string {
  return url.startsWith('/') && !url.startsWith('//') ? base + url : url;
}

function oneShot(chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

/** The body as axios would give it; an error where axios would throw one. */
export async function answerOfResponse(response: Response, { accepts, asText }: RequestSpec): Promise<Answer> {
  const { status } = response;
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const body: unknown = isJson && !asText && text !== '' ? JSON.parse(text) : text;
  if (!(accepts?.(status) ?? response.ok)) throw new StatusError(status, body);
  return { status, body };
}
