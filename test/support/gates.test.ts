import { expect, it } from 'vitest';
import { useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

it('a gate of the auth server holds requests until they are released, and judges them then', async () => {
  const { accessToken } = auth.server.login();
  const hold = auth.server.hold('/api/echo');
  const answer = auth.get('/api/echo', accessToken);
  expect((await hold.arrived).tokenState).toBe('valid');
  expect(hold.held).toBe(1);
  auth.server.expireAccess();
  hold.release();
  expect((await answer).status).toBe(401);
  expect((await auth.get('/api/echo', auth.server.login().accessToken)).status).toBe(200);
});

it('a gate of the auth server holds responses that were judged on arrival', async () => {
  const { accessToken } = auth.server.login();
  const hold = auth.server.hold('/api/echo', { when: 'after' });
  const answer = auth.get('/api/echo', accessToken);
  await hold.arrived;
  auth.server.expireAccess();
  hold.release();
  expect((await answer).status).toBe(200);
});

it('a gate of the auth server releases requests one by one', async () => {
  const hold = auth.server.hold('/public/*');
  const order: string[] = [];
  const all = ['a', 'b', 'c'].map(async (name, index) => {
    const answer = auth.get(`/public/${name}`);
    await hold.waiting(index + 1);
    await answer;
    order.push(name);
  });
  await hold.waiting(1);
  await hold.waiting(3);
  hold.next();
  await auth.server.answered('/public/*', 1);
  hold.next(2);
  await Promise.all(all);
  expect(order[0]).toBe(auth.server.sent('/public/*')[0]?.path.slice(-1));
  expect(hold.held).toBe(0);
});

it('the auth server delays a path, or its n-th request, until the delay is undone', async () => {
  const undo = auth.server.delay('/public/a', 30, { nth: 2 });
  const spent = async (): Promise<number> => {
    const start = performance.now();
    await auth.get('/public/a');
    return performance.now() - start;
  };
  await spent();
  expect(await spent()).toBeGreaterThan(25);
  undo();
  auth.server.delay('/public/b', 60_000)();
  await auth.get('/public/b');
});
