import type { ServerResponse } from 'node:http';
import { pause } from './real-time.ts';

/** How a response breaks on the wire instead of being sent. */
export type WireFault = 'reset' | 'reset-after-headers' | 'half-body' | 'slow-headers' | 'hang';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Strings, bytes and async iterables are sent as they are, any other value as JSON, `undefined` as no body. */
  readonly body?: unknown;
  readonly fault?: WireFault;
  /** Called when the response has been sent. */
  readonly sent?: () => void;
}

export interface Sending {
  readonly response: ServerResponse;
  readonly closing: AbortSignal;
  /** Called before the server breaks the connection itself. */
  breaking(): void;
}

/** Sends the reply, and resolves when nothing more is to be done; it is no error if the client aborts. */
export async function sendReply(reply: Reply, sending: Sending): Promise<void> {
  const { response, closing } = sending;
  const { status = 200, fault } = reply;
  if (response.destroyed || fault === 'hang') return;
  if (fault === 'slow-headers') return dripHeaders(sending);
  if (fault === 'reset') {
    breakOff(sending);
    return;
  }

  const body = payload(reply.body);
  const type = contentType(reply.body);
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...(type === undefined || bodiless ? {} : { 'content-type': type }),
    ...((body === undefined || body instanceof Uint8Array) && !bodiless
      ? { 'content-length': String(body?.byteLength ?? 0) }
      : {}),
    ...reply.headers,
  });
  if (fault !== undefined) {
    response.flushHeaders();
    if (body instanceof Uint8Array && fault === 'half-body')
      response.write(body.subarray(0, Math.ceil(body.byteLength / 2)));
    await pause(10, closing); // Otherwise the client would see the break before it has read the headers.
    breakOff(sending);
    return;
  }
  if (body !== undefined && !(body instanceof Uint8Array)) await pour(body, response);
  if (response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.end(body instanceof Uint8Array ? body : undefined, resolve);
  });
  if (response.writableFinished) reply.sent?.();
}

function contentType(body: unknown): string | undefined {
  if (body === undefined || body instanceof Uint8Array || isChunks(body)) return undefined;
  return typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
}

function payload(body: unknown): Uint8Array | AsyncIterable<string> | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  if (isChunks(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function isChunks(body: unknown): body is AsyncIterable<string> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function pour(chunks: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    response.write(chunk);
  }
}

function breakOff({ response, breaking }: Sending): void {
  breaking();
  response.socket?.destroy();
}

/** Sends a header that never ends, one byte at a time. */
async function dripHeaders({ response, closing }: Sending): Promise<void> {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\nX-Slow: ');
  while (socket && !socket.destroyed && !closing.aborted) {
    socket.write('.');
    await pause(20, closing);
  }
}
