/** Sends server-sent events, in a process of its own: `/flood?count=` as fast as they are taken, `/steady` 10,000 a second. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const A_CHUNK = 100;

const chunkAt = (first: number): string =>
  Array.from({ length: A_CHUNK }, (_, i) => `id: ${first + i}\ndata: {"symbol":"SLCE","price":${100 + i}}\n\n`).join(
    '',
  );

async function flood(response: ServerResponse, count: number): Promise<void> {
  // Send one chunk again and again: making a new one for each write would take time on the core that the reader uses.
  const chunk = Buffer.from(chunkAt(0));
  for (let sent = 0; sent < count && !response.destroyed; sent += A_CHUNK)
    if (!response.write(chunk)) await once(response, 'drain').catch(() => undefined);
  response.end();
}

function steady(response: ServerResponse): void {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // Count the due events by the clock, because timers fire late.
    for (const due = (performance.now() - start) * 10; sent < due; sent += A_CHUNK) response.write(chunkAt(sent));
  }, 10);
  response.on('close', () => {
    clearInterval(timer);
  });
}

const server = createServer(({ url = '' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://server');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (pathname === '/steady') steady(response);
  else void flood(response, Number(searchParams.get('count')));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
