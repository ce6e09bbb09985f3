import type { IncomingMessage, ServerResponse } from 'node:http';
import { realNow } from './real-time.ts';
import { describeRequests, type ServerRequest } from './server-request.ts';
import type { TokenBook } from './token-book.ts';
import { createWatcher, type Watcher } from './watcher.ts';
import { describeWhere, matcher, type Where } from './where.ts';

export type TokenReader = (headers: IncomingMessage['headers']) => string | undefined;

export const bearerToken: TokenReader = ({ authorization }) => /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];

/** Records every request, and lets tests wait for what happens to them. */
export interface RequestLog {
  readonly requests: ServerRequest[];
  readonly watcher: Watcher;
  open(incoming: IncomingMessage, response: ServerResponse): ServerRequest;
  /** Marks a connection that the server itself ends, so that it does not count as closed by the client. */
  breaking(response: ServerResponse): void;
  breakingAll(): void;
  sent(where?: Where): ServerRequest[];
  arrived(where: Where, n?: number): Promise<ServerRequest[]>;
  answered(where: Where, n?: number): Promise<ServerRequest[]>;
  closed(where: Where, n?: number): Promise<ServerRequest[]>;
  idle(): Promise<void>;
}

export function createRequestLog(options: { book: TokenBook; readToken: TokenReader; waitMs: number }): RequestLog {
  const { book, readToken } = options;
  const requests: ServerRequest[] = [];
  const open = new Set<ServerResponse>();
  const broken = new WeakSet<ServerResponse>();
  const watcher = createWatcher(options.waitMs, () => describeRequests(requests));
  let lastId = 0;

  const sent = (where?: Where): ServerRequest[] =>
    where === undefined ? [...requests] : requests.filter(matcher(where));

  const waitFor = (
    where: Where,
    n: number,
    what: string,
    isSo: (request: ServerRequest) => boolean,
  ): Promise<ServerRequest[]> =>
    watcher.until(`${String(n)} x ${describeWhere(where)} ${what}`, () => {
      const found = sent(where).filter(isSo);
      return found.length >= n ? found : undefined;
    });

  return {
    requests,
    watcher,

    open(incoming, response) {
      const record = recordOf(incoming, (lastId += 1), book, readToken);
      requests.push(record);
      open.add(response);
      response.once('close', () => {
        open.delete(response);
        record.answeredAt = realNow();
        if (response.writableFinished || broken.has(response)) {
          if (response.headersSent) record.status = response.statusCode;
        } else record.closedEarly = true;
        watcher.changed();
      });
      watcher.changed();
      return record;
    },

    breaking(response) {
      broken.add(response);
    },
    breakingAll() {
      for (const response of open) broken.add(response);
    },

    sent,
    arrived: (where, n = 1) => waitFor(where, n, 'to arrive', () => true),
    answered: (where, n = 1) => waitFor(where, n, 'to be answered', ({ status }) => status !== undefined),
    closed: (where, n = 1) => waitFor(where, n, 'to be closed early', ({ closedEarly }) => closedEarly),
    idle: () =>
      watcher.until('no request to be open', () => (open.size === 0 ? true : undefined)).then(() => undefined),
  };
}

function recordOf(incoming: IncomingMessage, id: number, book: TokenBook, readToken: TokenReader): ServerRequest {
  const { method = 'GET', url = '/', headers, rawHeaders } = incoming;
  const { pathname, searchParams } = new URL(url, 'http://server.test');
  const value = readToken(headers);
  const token = book.find(value);
  return {
    id,
    method,
    path: pathname,
    url,
    query: Object.fromEntries(searchParams),
    headers,
    rawHeaders,
    ...(value === undefined ? {} : { token: value }),
    ...(token ? { user: token.user, generation: token.generation } : {}),
    tokenState: book.judge(value),
    stale: book.isStale(value),
    startedAt: realNow(),
    body: Buffer.alloc(0),
    closedEarly: false,
  };
}
