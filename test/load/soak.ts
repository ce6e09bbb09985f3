import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { createClient, createSession } from 'sluice';

// Run with --expose-gc: rounds of requests, expiries and cancels, and whether the heap returns to its baseline.
const rounds = Number(process.argv[2] ?? 15);
let current = 0;
const server = createServer((request, response) => {
  const isGood = request.headers.authorization === `Bearer access ${current.toString()}`;
  if (request.url !== '/refresh') {
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' }).end('{"a":1}');
    return;
  }
  current += 1;
  const tokens = { accessToken: `access ${current.toString()}`, refreshToken: 'r' };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokens));
});
server.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
const open = createClient({ baseURL });
const session = createSession({
  minRefreshIntervalMs: 0,
  refresh: () => open.post<{ accessToken: string; refreshToken: string }>('/refresh', {}),
});
await session.signIn({ accessToken: 'access 0', refreshToken: 'r' });
// One signal for all requests, as on a page: its listeners must be removed.
const { signal } = new AbortController();
const api = createClient({ baseURL, session });

const round = async (): Promise<void> => {
  current += 1;
  const requests = Array.from({ length: 200 }, (_, n) => {
    const request$ = api.get('/x', { params: { n }, signal });
    if (n % 4 > 0) return firstValueFrom(request$);
    const subscription = request$.subscribe({ error: () => undefined });
    return pause(n % 16).then(() => {
      subscription.unsubscribe();
    });
  });
  await Promise.all(requests);
};
const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
for (let n = 0; n < 10; n += 1) await round();
// The minimum of several measurements, because V8 keeps other things for a while.
const least = async (): Promise<number> => {
  const heaps: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    await round();
    if (n % 3 > 0) continue;
    await pause(20);
    heaps.push(heap());
  }
  return Math.min(...heaps);
};
const floor = await least();
const grownBytes = (await least()) - floor;
console.log(JSON.stringify({ requests: rounds * 200, grownBytes }));
session.dispose();
server.closeAllConnections();
server.close();
