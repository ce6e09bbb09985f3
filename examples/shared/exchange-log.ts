import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request as the server saw it. */
export interface Exchange {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly lastEventId: string | null;
  /** `null` while the server has sent no status. */
  status: number | null;
  /** `'closed'`: the client closed the connection before the response was complete. */
  end: 'open' | 'complete' | 'closed';
}

/** Records each request, and whether its client waited for the whole response. */
export class ExchangeLog {
  readonly exchanges: Exchange[] = [];

  note({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const exchange: Exchange = {
      method,
      path: url,
      lastEventId: headers['last-event-id']?.toString() ?? null,
      status: null,
      end: 'open',
    };
    this.exchanges.push(exchange);
    response.on('close', () => {
      exchange.status = response.headersSent ? response.statusCode : null;
      exchange.end = response.writableFinished ? 'complete' : 'closed';
    });
  }
}
