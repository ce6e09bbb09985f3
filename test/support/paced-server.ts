import type { IncomingMessage, ServerResponse } from 'node:http';
import { allowAnyOrigin, answerPreflight, isPreflight } from './cors.ts';
import { listen, type Listener } from './listener.ts';

/** The number of bytes in the body of `GET /download`. `progress-tests.ts` has it too: browsers cannot load this file. */
const DOWNLOAD_BYTES = 200_000;

/**
 * Starts a server whose transfers wait in the middle for `POST /go`. It answers any token but `fresh` with a 401, after it has read the
 * whole body.
 */
export function startPacedServer(): Promise<Listener> {
  let waiting: (() => void)[] = [];
  const go = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    allowAnyOrigin(request, response);
    if (isPreflight(request)) {
      answerPreflight(request, response);
    } else if (request.url === '/go') {
      for (const resume of waiting.splice(0)) resume();
      waiting = [];
      response.writeHead(204).end();
    } else if (request.headers.authorization !== 'Bearer fresh') {
      await lengthOf(request);
      response.writeHead(401, { 'content-type': 'text/plain' }).end('no');
    } else if (request.method === 'POST') {
      await go();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await lengthOf(request)));
    } else {
      const half = 'x'.repeat(DOWNLOAD_BYTES / 2);
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': DOWNLOAD_BYTES }).write(half);
      await go();
      response.end(half);
    }
  };
  return listen((request, response) => void serve(request, response), { breakingAll: () => undefined });
}

async function lengthOf(request: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const chunk of request) length += (chunk as Buffer).length;
  return length;
}
