import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, type Listener } from './listener.ts';

/** A storage engine with one record, behind HTTP. */
export interface HttpCellServer extends Pick<Listener, 'url' | 'offline' | 'close'> {
  /** How many clients listen to the news. */
  readonly listening: number;
}

/**
 * `GET /` returns the record as JSON, `null` if there is none. `PUT /` with `If-Match: 7` replaces version 7 and
 * answers 204, or answers 412. `GET /news` never ends, and sends a line at the start and for each replacement.
 */
export async function serveCell(): Promise<HttpCellServer> {
  let record = 'null';
  let version = 0;
  const listeners = new Set<ServerResponse>();

  const put = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    // Nothing is awaited from here on, so the comparison and the replacement are atomic.
    if (Number(request.headers['if-match']) !== version) {
      response.writeHead(412).end();
      return;
    }
    record = body;
    version = (JSON.parse(body) as { readonly version: number }).version;
    response.writeHead(204).end();
    for (const listener of listeners) listener.write('changed\n');
  };
  const news = (response: ServerResponse): void => {
    listeners.add(response);
    response.once('close', () => listeners.delete(response));
    response.writeHead(200).write('connected\n');
  };

  const listener = await listen(
    (request, response) => {
      if (request.url === '/news') news(response);
      else if (request.method === 'PUT')
        void text(request).then(
          (body) => put(request, response, body),
          // The writer aborted before its record arrived.
          () => response.destroy(),
        );
      else response.writeHead(200).end(record);
    },
    { breakingAll: () => undefined },
  );
  return {
    ...listener,
    get listening() {
      return listeners.size;
    },
  };
}
