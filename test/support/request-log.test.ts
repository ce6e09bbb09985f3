import { expect, it } from 'vitest';
import { startAuthServer } from './auth-server.ts';
import { bearer, tokensOf, useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

it('the request log counts by path and finds by path, query, method, prefix, pattern and function', async () => {
  await Promise.all([auth.get('/public/a?n=1'), auth.get('/public/a?n=2'), auth.post('/public/b', {})]);
  expect(auth.server.counts).toEqual({ '/public/a': 2, '/public/b': 1 });
  const found = ['/public/a', '/public/a?n=2', 'POST /public/b', 'GET /public/*', /n=\d/, (): boolean => true] as const;
  expect(found.map((where) => auth.server.sent(where).length)).toEqual([2, 1, 1, 2, 2, 3]);
  auth.server.forget();
  expect(auth.server.sent()).toEqual([]);
});

it('the request log contains what was answered', async () => {
  await auth.get('/public/status/418');
  const [request] = await auth.server.answered('/public/status/418');
  expect(request).toMatchObject({ id: 1, method: 'GET', status: 418, closedEarly: false });
});

it('the request log shows that a client left while it waited', async () => {
  const hold = auth.server.hold('/public/echo');
  const leaving = new AbortController();
  const left = auth
    .get('/public/echo', undefined, { signal: leaving.signal })
    .catch((error: unknown) => (error as Error).name);
  const stays = auth.get('/public/echo?stays');
  await hold.waiting(2);
  leaving.abort();
  const [closed] = await auth.server.closed('/public/echo');
  expect(await left).toBe('AbortError');
  expect([closed?.url, closed?.closedEarly, closed?.status]).toEqual(['/public/echo', true, undefined]);
  hold.release();
  expect((await stays).status).toBe(200);
  expect(auth.server.sent('/public/echo?stays')[0]?.closedEarly).toBe(false);
});

it('the request log shows that a client left during the response', async () => {
  const leaving = new AbortController();
  const answer = await auth.get('/public/stream?chunks=endless', undefined, { signal: leaving.signal });
  await answer.body?.getReader().read();
  leaving.abort();
  expect(await auth.server.closed('/public/stream')).toHaveLength(1);
});

it('the request log shows that a client left during its upload', async () => {
  const leaving = new AbortController();
  const unfinished = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(100_000));
    },
  });
  const left = auth.get('/public/echo', undefined, {
    method: 'POST',
    body: unfinished,
    duplex: 'half',
    signal: leaving.signal,
  } as RequestInit);
  const failed = expect(left).rejects.toThrow();
  await auth.server.arrived('/public/echo');
  leaving.abort();
  await auth.server.closed('/public/echo');
  await failed;
});

it('the request log tells requests with a replaced or dead token from others', async () => {
  const { accessToken, refreshToken } = auth.server.login();
  await auth.get('/api/echo', accessToken);
  auth.server.expireAccess();
  await auth.get('/api/echo', accessToken);
  const { jwtToken } = await tokensOf(auth.refresh(refreshToken));
  await auth.get('/api/echo?new', jwtToken);
  await auth.get('/api/echo?old', accessToken);
  expect(auth.server.requests.map(({ stale }) => stale)).toEqual([false, true, false, false, true]);
  expect(auth.server.staleSends().map(({ url }) => url)).toEqual(['/api/echo?old']);
  expect(auth.server.staleSends(2)).toEqual([]);
});

it('the request log counts how many refreshes of one sign-in were in flight together', async () => {
  const [ada, bob] = [auth.server.login('ada'), auth.server.login('bob')];
  const hold = auth.server.hold('/api/refresh-token');
  const all = [ada, ada, bob].map(({ refreshToken }) => auth.refresh(refreshToken));
  await hold.waiting(3);
  hold.release();
  await Promise.all(all);
  await auth.refresh(bob.refreshToken);
  const inFlight = (user: string): number[] =>
    auth.server.refreshes.filter((record) => record.user === user).map((record) => record.inFlight);
  expect([inFlight('ada'), inFlight('bob')]).toEqual([
    [0, 1],
    [0, 0],
  ]);
});

it('the request log stops waiting after a while and says what it has seen', async () => {
  await using impatient = await startAuthServer({ waitMs: 20 });
  const { accessToken } = impatient.login();
  await fetch(`${impatient.url}/api/echo`, { headers: bearer(accessToken) });
  await expect(impatient.arrived('/api/echo', 2)).rejects.toThrow(
    "waited 20 ms for 2 x /api/echo to arrive; seen: #1 GET /api/echo (ada's token 1) -> 200",
  );
  await expect(impatient.hold('/api/*').arrived).rejects.toThrow('1 x /api/* to be held');
});
