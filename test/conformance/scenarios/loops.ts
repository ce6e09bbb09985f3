import { realNow } from '../../support/real-time.ts';
import { atMost, same } from '../check.ts';
import type { Section, World } from '../scenario.ts';
import { answers, answerTo, dyingHerd, failsFor, flush, generations, send } from '../steps.ts';

const HOUR = 3_600_000;

/** A client whose clock is ahead of the server's by so much (or behind it, when negative), and that believes in absolute times. */
async function outOfStep({ server, start }: World, aheadMs: number): Promise<void> {
  const expiresAt = (): number => realNow() - aheadMs + HOUR;
  const driver = start({
    tokens: { ...server.login(), expiresAt: expiresAt() },
    refresh: async (current, ask) => ({ ...(await ask(current?.refreshToken)), expiresAt: expiresAt() }),
  });
  for (let n = 0; n < 10; n += 1) await answerTo(driver, `/api/echo?n=${String(n)}`);
  await flush(server);
  atMost('refreshes for 10 requests with a good token', server.refreshes.length, 1);
  server.expireAccess();
  // Sign in anew, because a library may refuse to refresh again what it has just refreshed.
  driver.signIn({ ...server.login(), expiresAt: expiresAt() });
  server.expireAccess();
  await answerTo(driver, '/api/echo?n=dead');
  atMost('refreshes in all', server.refreshes.length, 2);
}

export const loops: Section = {
  title: 'C. Loops',
  scenarios: [
    {
      id: '27',
      title: 'a server that answers new tokens with 401 as well sees few refreshes, and each request once more',
      async run({ server, start }) {
        const driver = start();
        server.route('/api/echo*', () => ({ status: 401, body: { message: 'never' } }));
        const { sent, where } = await dyingHerd(server, driver, 10);
        await failsFor(driver, sent, 'unauthorized');
        atMost('sends of 10 requests', generations(server, where).length, 20);
        atMost('refreshes for 10 requests', server.refreshes.length, 2);
      },
    },
    {
      id: '28',
      title: 'a token that lives shorter than any leeway is not refreshed for each request',
      needs: ['expiry'],
      server: { accessTtlMs: 8000 },
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        for (let n = 0; n < 10; n += 1) await answerTo(driver, `/api/echo?n=${String(n)}`);
        await flush(server);
        atMost('refreshes for 10 requests', server.refreshes.length, 1);
      },
    },
    {
      id: '29',
      title: 'a token that lives for 30 days is not refreshed at once',
      needs: ['expiry'],
      server: { accessTtlMs: 30 * 24 * HOUR },
      async run({ server, start }) {
        const driver = start({ tokens: null });
        driver.signIn(server.login());
        await answerTo(driver, '/api/echo?n=1');
        for (let n = 0; n < 10; n += 1) await flush(server);
        await answerTo(driver, '/api/echo?n=2');
        same('refreshes', server.refreshes.length, 0);
      },
    },
    {
      id: '30a',
      title: 'a clock that is 61 minutes ahead makes no loop',
      needs: ['expiry'],
      run: (world) => outOfStep(world, 61 * 60_000),
    },
    {
      id: '30b',
      title: 'a clock that is 61 minutes behind makes no loop, and a 401 still starts a refresh',
      needs: ['expiry'],
      run: (world) => outOfStep(world, -61 * 60_000),
    },
    {
      id: '31',
      title: 'a 401 for a request that carried no token, such as a wrong password, starts no refresh',
      async run({ server, start }) {
        const driver = start({ tokens: null });
        const login = { url: '/api/login', method: 'POST', json: { user: 'ada', password: 'wrong' } };
        await failsFor(driver, [send(driver, login), send(driver, '/api/echo?n=1')], 'unauthorized');
        await flush(server);
        same('refreshes', server.refreshes.length, 0);
        same('sends', server.sent('/api/*').length, 2);
      },
    },
    {
      id: '32',
      title: 'a 401 from another origin starts no refresh',
      needs: ['origins'],
      async run({ server, start, elsewhere }) {
        const other = await elsewhere();
        const driver = start();
        other.route('/public/echo', () => ({ status: 401 }));
        await failsFor(driver, [send(driver, `${other.url}/public/echo`)], 'unauthorized');
        await flush(server);
        same('refreshes', server.refreshes.length, 0);
        same('requests there', other.requests.length, 1);
        await answers([send(driver, '/api/echo')]);
      },
    },
  ],
};
