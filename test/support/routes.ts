import { createHash } from 'node:crypto';
import { pause } from './real-time.ts';
import type { Reply } from './reply.ts';
import type { ServerRequest } from './server-request.ts';

/** Answers a request. `closing` aborts when the server closes. */
export type Route = (request: ServerRequest, closing: AbortSignal) => Reply | Promise<Reply>;

/**
 * The responses of `/api/*` once the token is found valid, and of `/public/*` for everybody. The key is the second
 * part of the path; unknown ones are echoed.
 */
const routes: Readonly<Record<string, Route>> = {
  'test-get': ({ user, generation }) => ({ body: { message: 'It works', user, generation } }),
  empty: () => ({ status: 204 }),
  'empty-json': () => ({ headers: { 'content-type': 'application/json' } }),
  text: () => ({ body: 'plain text' }),
  null: () => ({ body: null }),
  'bad-json': () => ({ headers: { 'content-type': 'application/json' }, body: '{"cut": "o' }),

  /** `/status/503`, `/status/429?retry-after=1`: every query parameter becomes a header. */
  status: ({ path, query }) => {
    const status = Number(path.split('/')[3]);
    return { status, headers: query, ...(status === 204 || status === 304 ? {} : { body: { status } }) };
  },

  /** `/redirect?to=…&status=307` */
  redirect: ({ query }) => ({
    status: Number(query['status'] ?? 302),
    headers: { location: query['to'] ?? '/public/echo' },
  }),

  /** `/slow?ms=50`. Prefer a hold. */
  slow: async ({ query }, closing) => {
    await pause(Number(query['ms'] ?? 50), closing);
    return { body: { slow: true } };
  },

  /** `/stream?chunks=3&ms=5`: lines `chunk 1`, `chunk 2`, …; `chunks=endless` until the client leaves. */
  stream: ({ query }, closing) => {
    const count = query['chunks'] === 'endless' ? Infinity : Number(query['chunks'] ?? 3);
    return { headers: { 'content-type': 'text/plain' }, body: lines(count, Number(query['ms'] ?? 5), closing) };
  },

  /**
   * `/events?count=3`: server-sent events with the numbers after `Last-Event-ID` as ids and data. Then the stream stays open, or
   * ends with `ends=1`.
   */
  events: ({ query, headers }, closing) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: events(Number(headers['last-event-id'] ?? 0), Number(query['count'] ?? 3), query['ends'] === '1', closing),
  }),

  /** `/challenge?error=insufficient_user_authentication&acr_values=…&status=403`, or the header verbatim: `?raw=…`. */
  challenge: ({ query: { status = '401', raw, ...parameters } }) => ({
    status: Number(status),
    headers: { 'www-authenticate': raw ?? challenge(parameters) },
    body: { error: parameters['error'] ?? 'challenged' },
  }),
};

export function challenge(parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries({ realm: 'api', ...parameters }).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${list.join(', ')}`;
}

/** The whole request except its secrets. */
const echo: Route = ({ method, path, query, user, generation, body, headers }) => {
  const { authorization: _authorization, cookie: _cookie, ...shown } = headers;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return {
    body: {
      method,
      path,
      query,
      user,
      generation,
      text: body.toString(),
      length: body.byteLength,
      sha256,
      headers: shown,
    },
  };
};

export function routeOf(path: string): Route {
  const name = path.split('/')[2] ?? '';
  return (Object.hasOwn(routes, name) ? routes[name] : undefined) ?? echo;
}

async function* lines(count: number, ms: number, closing: AbortSignal): AsyncGenerator<string> {
  for (let n = 1; n <= count && !closing.aborted; n += 1) {
    if (n > 1) await pause(ms, closing);
    yield `chunk ${String(n)}\n`;
  }
}

async function* events(after: number, count: number, ends: boolean, closing: AbortSignal): AsyncGenerator<string> {
  yield 'retry: 5\n\n';
  for (let id = after + 1; id <= after + count; id += 1) yield `id: ${id}\ndata: ${id}\n\n`;
  if (!ends) await pause(60_000, closing);
}
