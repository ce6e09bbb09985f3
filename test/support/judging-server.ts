import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A second server of an API: it does not know tokens, but is told which of them are dead. */
export interface JudgingServer {
  readonly url: string;
  /** The token of each request, in `Authorization` or `X-Token`; `undefined` for none. */
  readonly tokens: readonly (string | undefined)[];
}

/**
 * Starts one for the running test.
 *
 * @param answer - the status, or the URL to redirect to; by default a request without a token, or with one of `dead`,
 * gets 401
 * @param at - the path of a socket; a port by default
 */
export async function openJudgingServer(
  dead: readonly string[],
  answer: (request: IncomingMessage, token: string | undefined) => number | string = (_request, token) =>
    token === undefined || dead.includes(token) ? 401 : 200,
  at?: string,
): Promise<JudgingServer> {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { authorization, 'x-token': own } = request.headers;
    const token = (authorization ?? own)?.toString().replace('Bearer ', '');
    tokens.push(token);
    const given = answer(request, token);
    if (typeof given === 'string') response.writeHead(302, { location: given });
    else response.writeHead(given, { 'content-type': 'application/json' });
    response.end('{"here":true}');
  });
  await new Promise<void>((resolve) => {
    if (at === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(at, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = at === undefined ? (server.address() as AddressInfo).port : 0;
  return { url: `http://127.0.0.1:${port}`, tokens };
}
