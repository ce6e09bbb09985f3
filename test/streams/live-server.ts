import type { AuthServer } from '../support/auth-server.ts';
import type { Reply } from '../support/reply.ts';
import type { ServerRequest } from '../support/server-request.ts';

/** Text that is sent as it is written, and a stream that stays open after it until the client leaves or the server closes. */
export interface Script {
  readonly parts: readonly string[];
  /** Whether the server ends the stream after the last part. @defaultValue `false` */
  readonly ends?: boolean;
}

export function eventsReply(
  { parts, ends = false }: Script,
  closing: AbortSignal,
  headers: Reply['headers'] = {},
): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', ...headers },
    body: (async function* (): AsyncGenerator<string> {
      // Sends the head also where there is no part.
      yield ':\n';
      yield* parts;
      if (!ends) await aborted(closing);
    })(),
  };
}

/** Answers each request for a path by the next script; the last one again and again. */
export function routeEvents(server: AuthServer, path: string, ...scripts: readonly Script[]): ServerRequest[] {
  const seen: ServerRequest[] = [];
  server.route(path, (request, closing) => {
    const script = scripts[Math.min(seen.length, scripts.length - 1)];
    seen.push(request);
    return eventsReply(script ?? { parts: [] }, closing);
  });
  return seen;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
