import { expect, it } from 'vitest';
import { useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

it('the auth server closes at once, whatever is held, delayed or hanging', async () => {
  const hold = auth.server.hold('/public/held');
  auth.server.delay('/public/late', 60_000);
  auth.server.refreshBehaviour('hang');
  const all = [
    auth.get('/public/held'),
    auth.get('/public/late'),
    auth.get('/public/slow?ms=60000'),
    auth.get('/public/stream?chunks=endless'),
    auth.refresh('x'),
  ];
  const settled = Promise.allSettled(all.map(async (answer) => (await answer).text()));
  await Promise.all([hold.arrived, auth.server.arrived('/public/*', 4), auth.server.arrived('/api/refresh-token')]);
  await auth.server.close();
  expect((await settled).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  expect(auth.server.requests.some(({ closedEarly }) => closedEarly)).toBe(false);
  await auth.server.close();
});

it('the auth server goes offline and comes back', async () => {
  await auth.get('/public/echo');
  auth.server.offline();
  await expect(auth.get('/public/echo')).rejects.toThrow();
  auth.server.offline(false);
  expect((await auth.get('/public/echo')).status).toBe(200);
});

it('the auth server drops idle connections without failing a request', async () => {
  await auth.get('/public/echo');
  auth.server.dropIdleConnections();
  expect((await auth.get('/public/echo')).status).toBe(200);
});
