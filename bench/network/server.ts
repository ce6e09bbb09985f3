/** The server of the measurements over HTTP, in a process of its own. Tells its port by IPC, and what it has seen when asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { world } from '../world.ts';

let current = world();
const server = createServer((request, response) => {
  const answer = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  if (request.url === '/refresh') {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const tokens = current.rotate((JSON.parse(body) as { refreshToken?: string }).refreshToken);
      answer(tokens ? 200 : 400, JSON.stringify(tokens ?? { error: 'invalid_grant' }));
    });
  } else {
    request.resume();
    answer(current.judge(request.headers.authorization), '{"n":1}');
  }
});

process.on('message', (command: 'new' | 'expire' | 'seen') => {
  if (command === 'new') current = world();
  if (command === 'expire') current.expire();
  process.send?.({ seen: current.seen, tokens: current.tokens() });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
