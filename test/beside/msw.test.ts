import { http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const api = 'https://api.example.com';
const mocked = setupServer(http.all('http://127.0.0.1:*/*', () => passthrough()));

beforeAll(() => {
  mocked.listen({ onUnhandledFrame: 'error' });
});
afterEach(() => {
  mocked.resetHandlers();
});
afterAll(() => {
  mocked.close();
});

// test/http/msw.test.ts tests other uses of msw.
describe.each(adapters)('Under msw, over %s,', (adapter) => {
  describe.each(ways)('with handlers declared %s', (_, way) => {
    const app = (declare: () => void = () => undefined, baseURL = api) =>
      way(auth.server, declare, { defaults: { baseURL, adapter } });

    it('a mock gets the token, and one refresh serves ten requests with a dead token', async () => {
      const tokens: (string | undefined)[] = [];
      const { send, refresh, session } = app(() => {
        let refused = 0;
        mocked.use(
          http.get(`${api}/users/:id`, ({ request }) => {
            tokens.push(request.headers.get('authorization')?.slice(7));
            return refused++ < 10 ? new HttpResponse(null, { status: 401 }) : HttpResponse.json({ name: 'Ada' });
          }),
        );
      });
      const before = session.state.tokens!.accessToken;
      const answers = await Promise.all(Array.from({ length: 10 }, (__, n) => send({ url: `/users/${n}` })));
      expect(answers.map(({ data }) => data)).toEqual(Array(10).fill({ name: 'Ada' }));
      expect(refresh).toHaveBeenCalledTimes(1);
      const after = session.state.tokens!.accessToken;
      expect(tokens).toEqual([...Array<string>(10).fill(before), ...Array<string>(10).fill(after)]);
    });

    it('a request that passes through to the server is sent with the token, and one refresh serves ten of them with a dead token', async () => {
      const { send } = app(undefined, auth.server.url);
      await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
    });
  });
});
