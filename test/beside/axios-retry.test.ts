import axiosRetry from 'axios-retry';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(ways)('axios-retry installed %s', (_, way) => {
  const app = () =>
    way(auth.server, (instance) => {
      axiosRetry(instance, { retries: 3, retryDelay: () => 0, retryCondition: ({ status }) => status === 503 });
    });
  /** Makes the next requests for `/api/echo` fail. */
  const failing = (times: number): void => {
    let left = times;
    auth.server.route('/api/echo', ({ body, headers }) =>
      left-- > 0
        ? { status: 503 }
        : { body: { text: body.toString(), headers: { 'content-type': headers['content-type'] } } },
    );
  };
  const sent = (): (string | undefined)[] =>
    auth.server.sent('/api/echo').map(({ generation }) => generation?.toString());

  it('does not change that one refresh serves ten requests with a dead token', async () => {
    const { send } = app();
    await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
  });

  it('retries a 503 with the token', async () => {
    const { send } = app();
    failing(2);
    expect((await send({ url: '/api/echo' })).status).toBe(200);
    expect(sent()).toEqual(['1', '1', '1']);
  });

  it('retries with the new token a request that failed before the token died', async () => {
    const { send } = app();
    let isFirst = true;
    auth.server.route('/api/echo', () => {
      if (!isFirst) return { body: {} };
      isFirst = false;
      auth.server.expireAccess();
      return { status: 503 };
    });
    expect((await send({ url: '/api/echo' })).status).toBe(200);
    expect(sent()).toEqual(['1', '1', '2']);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it.each([
    ['an object', { name: 'Ada' }],
    ['a function that gives an object', () => ({ name: 'Ada' })],
  ])('sends the same body at each retry: %s', async (__, data) => {
    const { send } = app();
    failing(2);
    const { data: answer } = await send({ url: '/api/echo', method: 'post', data });
    expect(answer).toMatchObject({ text: '{"name":"Ada"}', headers: { 'content-type': 'application/json' } });
    expect(new Set(auth.server.sent('/api/echo').map(({ body }) => body.toString()))).toEqual(
      new Set(['{"name":"Ada"}']),
    );
  });

  it('does not retry a request that fails with an error of the session', async () => {
    const { send, refresh } = app();
    auth.server.expireAccess();
    auth.server.revokeFamily();
    await expect(send({ url: '/api/echo' })).rejects.toMatchObject({ name: 'SessionExpiredError' });
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sent()).toHaveLength(1);
  });
});
