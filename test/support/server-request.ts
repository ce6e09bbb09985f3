import type { IncomingHttpHeaders } from 'node:http';
import type { TokenState } from './token-book.ts';

/** One request as the server saw it. Filled in while the request proceeds. */
export interface ServerRequest {
  /** 1 for the first request of this server. */
  readonly id: number;
  readonly method: string;
  readonly path: string;
  /** Path and query as received. */
  readonly url: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternating, as received: shows duplicates and case. */
  readonly rawHeaders: readonly string[];
  /** The bearer token that it carried. */
  readonly token?: string;
  readonly user?: string;
  /** Which of its user's access tokens it carried, counted from 1. */
  readonly generation?: number;
  /** The state of the token on arrival. */
  readonly tokenState: TokenState;
  /** On arrival its token was dead, or the client had been sent a newer one. */
  readonly stale: boolean;
  readonly startedAt: number;
  /** The part of the body that has been received; the whole once the request is handled. */
  body: Buffer;
  /** The status of the response. */
  status?: number;
  answeredAt?: number;
  /** The client closed the connection before the response had ended. */
  closedEarly: boolean;
}

/** One line for messages, without tokens. */
function describeRequest(request: ServerRequest): string {
  const carried =
    request.generation === undefined ? '' : ` (${request.user ?? '?'}'s token ${String(request.generation)})`;
  const end = request.closedEarly ? 'closed early' : (request.status ?? 'no answer yet');
  return `#${String(request.id)} ${request.method} ${request.url}${carried} -> ${String(end)}`;
}

export function describeRequests(requests: readonly ServerRequest[]): string {
  if (requests.length === 0) return 'no request';
  const shown = requests.slice(-12).map(describeRequest);
  return [
    ...(requests.length > shown.length ? [`${String(requests.length - shown.length)} more, then`] : []),
    ...shown,
  ].join('; ');
}
