import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { bearer, useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('the auth server echoes %s', async (method) => {
  const { accessToken } = auth.server.login();
  const body = method === 'GET' ? {} : { body: 'straße' };
  const answer: unknown = await (
    await auth.get('/api/echo?n=1', accessToken, { method, headers: { 'x-mark': 'm' }, ...body })
  ).json();
  const text = method === 'GET' ? '' : 'straße';
  expect(answer).toMatchObject({
    method,
    path: '/api/echo',
    query: { n: '1' },
    user: 'ada',
    generation: 1,
    text,
    length: Buffer.byteLength(text),
  });
  expect(answer).toMatchObject({ sha256: createHash('sha256').update(text).digest('hex'), headers: { 'x-mark': 'm' } });
  expect(JSON.stringify(answer)).not.toContain(accessToken);
  expect(auth.server.requests[0]?.body.toString()).toBe(text);
});

it.each([
  ['/public/empty', 204, null, ''],
  ['/public/empty-json', 200, 'application/json', ''],
  ['/public/text', 200, 'text/plain; charset=utf-8', 'plain text'],
  ['/public/null', 200, 'application/json', 'null'],
  ['/public/bad-json', 200, 'application/json', '{"cut": "o'],
  ['/public/status/503?retry-after=1', 503, 'application/json', '{"status":503}'],
  ['/public/slow?ms=1', 200, 'application/json', '{"slow":true}'],
  ['/public/stream?chunks=2&ms=1', 200, 'text/plain', 'chunk 1\nchunk 2\n'],
  ['/elsewhere', 404, 'application/json', '{"message":"not found"}'],
])('the auth server answers %s', async (path, status, type, text) => {
  const answer = await auth.get(path);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, text]);
});

it('the auth server sends the headers that a test has set', async () => {
  expect((await auth.get('/public/status/429?retry-after=7')).headers.get('retry-after')).toBe('7');
  const moved = await auth.get('/public/redirect?status=307&to=/public/text', undefined, { redirect: 'manual' });
  expect([moved.status, moved.headers.get('location')]).toEqual([307, '/public/text']);
});

it('the auth server sends the challenge that a test has set', async () => {
  const stepUp = await auth.get('/public/challenge?error=insufficient_user_authentication&acr_values=mfa');
  expect(stepUp.status).toBe(401);
  expect(stepUp.headers.get('www-authenticate')).toBe(
    'Bearer realm="api", error="insufficient_user_authentication", acr_values="mfa"',
  );
  expect((await auth.get('/public/challenge?raw=Basic&status=403')).headers.get('www-authenticate')).toBe('Basic');
});

it('the auth server reports a dead token in a GraphQL body', async () => {
  const { accessToken } = auth.server.login();
  expect(await (await auth.post('/api/graphql', {}, bearer(accessToken))).json()).toEqual({ data: { me: 'ada' } });
  auth.server.expireAccess();
  const dead = await auth.post('/api/graphql', {}, bearer(accessToken));
  expect([dead.status, await dead.text()]).toEqual([200, expect.stringContaining('UNAUTHENTICATED')]);
});

it('the auth server serves the routes of a test, sends a test’s response in place of its 401, and responds with what a route throws', async () => {
  auth.server.route('POST /api/mine', ({ user }) => ({ status: 201, body: `hello ${String(user)}` }));
  auth.server.route('/public/broken', () => {
    throw new Error('a test’s mistake');
  });
  auth.server.unauthorized = () => ({ status: 419 });
  const { accessToken } = auth.server.login();
  expect(await (await auth.post('/api/mine', {}, bearer(accessToken))).text()).toBe('hello ada');
  expect((await auth.post('/api/mine', {})).status).toBe(419);
  expect(await (await auth.get('/public/broken')).text()).toContain('a test’s mistake');
});

it('the auth server says why a response cannot be sent', async () => {
  auth.server.route('/public/cycle', (request) => ({ body: { request, big: 1n } }));
  const answers = await Promise.all(['/public/cycle', '/public/status/0'].map((path) => auth.get(path)));
  expect(answers.map(({ status }) => status)).toEqual([500, 500]);
  expect(await answers[0]?.text()).toContain('BigInt');
});

it('the auth server answers preflights of any origin and does not count them', async () => {
  const preflight = await fetch(`${auth.server.url}/api/echo`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.test',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    },
  });
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
  const refused = await auth.get('/api/echo', undefined, { headers: { origin: 'https://app.test' } });
  expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  expect([auth.server.preflights, auth.server.requests.length]).toEqual([1, 1]);
});
