import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const api = 'https://api.example.com';

// Nock replaces Node's `http` and `fetch` when it is imported.
beforeAll(() => {
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
});
afterEach(() => {
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe.each(adapters)('Under nock, over %s,', (adapter) => {
  describe.each(ways)('with interceptors declared %s', (_, way) => {
    const app = (declare: () => void = () => undefined, baseURL = api) =>
      way(auth.server, declare, { defaults: { baseURL, adapter } });

    it('a mock gets the token, and one refresh serves ten requests with a dead token', async () => {
      const tokens: (string | undefined)[] = [];
      const { send, refresh, session } = app(() => {
        let refused = 0;
        nock(api)
          .persist()
          .get(/^\/users\/\d$/)
          .reply(({ headers }: Request) => {
            tokens.push(headers.get('authorization')?.slice(7));
            return refused++ < 10 ? [401] : [200, { name: 'Ada' }, { 'content-type': 'application/json' }];
          });
      });
      const before = session.state.tokens!.accessToken;
      const answers = await Promise.all(Array.from({ length: 10 }, (__, n) => send({ url: `/users/${n}` })));
      expect(answers.map(({ data }) => data)).toEqual(Array(10).fill({ name: 'Ada' }));
      expect(refresh).toHaveBeenCalledTimes(1);
      const after = session.state.tokens!.accessToken;
      expect(tokens).toEqual([...Array<string>(10).fill(before), ...Array<string>(10).fill(after)]);
    });

    it('a mock that replies once is used up by the first send, and the next one by the resend', async () => {
      const { send, refresh } = app(() => {
        nock(api).post('/users', { name: 'Ada' }).reply(401);
        nock(api).post('/users', { name: 'Ada' }).reply(201, { id: 1 });
      });
      expect((await send({ url: '/users', method: 'post', data: { name: 'Ada' } })).status).toBe(201);
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(nock.pendingMocks()).toEqual([]);
    });

    it('unmatched requests reach the server, where one refresh serves ten of them with a dead token', async () => {
      const { send } = app(undefined, auth.server.url);
      await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
    });
  });
});
