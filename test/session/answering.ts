import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach } from 'vitest';
import { listen, type Listener } from '../support/listener.ts';

export interface AnsweringServer {
  readonly url: string;
  /** The `Authorization` of each request, in order. */
  readonly tokens: readonly (string | undefined)[];
}

const challenge = (error: string): string[] => ['Basic realm="x"', `Bearer realm="api", error="${error}"`];

/**
 * In a `describe`: a server for each test that answers as the path says. `/400/invalid_grant` is a status and an
 * OAuth error code, with `?retry-after=7` and `?www-authenticate=Basic` for headers; `/needs-access-2` and
 * `/needs-scope` refuse with challenges.
 */
export function answering(): AnsweringServer {
  let listener: Listener;
  let tokens: (string | undefined)[] = [];

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization } = request.headers;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    tokens.push(authorization);
    const answer = (status: number, body: unknown, headers: Record<string, string | string[]> = {}): void => {
      request.resume().once('end', () => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      });
    };
    if (pathname === '/needs-scope')
      answer(401, { error: 'no' }, { 'www-authenticate': challenge('insufficient_scope') });
    else if (pathname === '/needs-access-2') {
      if (authorization === 'Bearer access-2') answer(200, {});
      else answer(401, { error: 'no' }, { 'www-authenticate': challenge('invalid_token') });
    } else {
      const [, status = '', error] = pathname.split('/');
      answer(Number(status), { error, error_description: 'why' }, Object.fromEntries(searchParams));
    }
  };

  beforeEach(async () => {
    tokens = [];
    listener = await listen(serve, { breakingAll: () => {} });
  });
  afterEach(() => listener.close());

  return {
    get url() {
      return listener.url;
    },
    get tokens() {
      return tokens;
    },
  };
}
