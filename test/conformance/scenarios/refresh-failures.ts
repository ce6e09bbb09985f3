import type { AuthServer } from '../../support/auth-server.ts';
import type { RefreshBehaviour } from '../../support/refresh-behaviour.ts';
import { atMost, holds, same } from '../check.ts';
import type { AppSetup, Why } from '../driver.ts';
import { statusOf } from '../outcome.ts';
import type { Section, World } from '../scenario.ts';
import { answerTo, errors, failsFor, flush, herdBehindRefresh, refreshedOrderly, send } from '../steps.ts';

/**
 * Checks that each behaviour of the server fails a refresh for one of the reasons `whys` and keeps the session: the next request refreshes
 * and succeeds.
 */
async function outlives(
  { server, start }: World,
  behaviours: readonly RefreshBehaviour[],
  whys: readonly Why[],
  setup: AppSetup = {},
): Promise<void> {
  const driver = start({ ...setup, retries: false, cooldownMs: 0 });
  for (const [n, behaviour] of behaviours.entries()) {
    const before = driver.tokens()?.refreshToken;
    server.nextRefresh(behaviour);
    const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
    refresh.release();
    await failsFor(driver, sent, ...whys);
    same(`refresh token kept after ${describe(behaviour)}`, driver.tokens()?.refreshToken === before, true);
    await answerTo(driver, `/api/echo?after=${String(n)}`);
  }
  refreshedOrderly(server, 2 * behaviours.length);
  onlyRealTokens(server);
}

function describe(behaviour: RefreshBehaviour): string {
  return typeof behaviour === 'string' ? behaviour : 'that answer';
}

function onlyRealTokens(server: AuthServer): void {
  const made = server.sent(({ tokenState }) => tokenState === 'unknown');
  same('requests with a token that never was one', made.length, 0);
}

export const refreshFailures: Section = {
  title: 'B. Refreshes that fail for now',
  scenarios: [
    {
      id: '12a',
      title:
        'a connection that breaks during the refresh keeps the session, and the error says that it was the network',
      run: (world) => outlives(world, ['reset', 'reset-after-headers', 'half-body'], ['unavailable']),
    },
    {
      id: '12b',
      title: 'a refresh that cannot connect keeps the session, and the error says that it was the network',
      async run({ server, start, elsewhere }) {
        const gone = await elsewhere();
        await gone.close();
        let url: string | undefined = `${gone.url}/api/refresh-token`;
        const driver = start({
          cooldownMs: 0,
          refresh: (current, ask) => ask(current?.refreshToken, url === undefined ? {} : { url }),
        });
        server.expireAccess();
        await failsFor(driver, [send(driver, '/api/echo?n=1')], 'unavailable');
        url = undefined;
        await answerTo(driver, '/api/echo?n=2');
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '13',
      title: '500, 502, 503 and 504 keep the session',
      run: (world) => outlives(world, ['500', '502', '503', '504'], ['unavailable']),
    },
    {
      id: '14a',
      title: '408 and 429 keep the session',
      run: (world) => outlives(world, ['408', '429'], ['unavailable']),
    },
    {
      id: '14b',
      title: 'no request presents the refresh token again before Retry-After has passed',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.expireAccess();
        server.nextRefresh('429:retry-after=1');
        const first = send(driver, '/api/echo?n=1');
        await server.answered('/api/refresh-token');
        await flush(server);
        const second = send(driver, '/api/echo?n=2');
        await Promise.all([first.promise, second.promise]);
        await answerTo(driver, '/api/echo?n=3');
        const [refused, next] = server.refreshes;
        const waited = (next?.request.startedAt ?? 0) - (refused?.request.answeredAt ?? 0);
        holds(`asked again after ${String(waited)} ms`, waited >= 950);
        same('refreshes', server.refreshes.length, 2);
      },
    },
    {
      id: '15',
      title: 'a sign-in page of a Wi-Fi network in place of tokens keeps the session',
      run: (world) => outlives(world, ['html'], ['invalid-response', 'unavailable']),
    },
    {
      id: '16',
      title:
        'a refresh response without an access token keeps the session, and no request is sent with something else as a token',
      run: (world) => outlives(world, ['no-token', 'empty', 'not-json'], ['invalid-response', 'unavailable']),
    },
    {
      id: '18',
      title: 'an OAuth error about the client’s configuration signs nobody out, and the error says so',
      run: (world) =>
        outlives(
          world,
          ['400:invalid_client', '400:invalid_request', '400:unsupported_grant_type', '400:invalid_scope'],
          ['misconfigured'],
        ),
    },
    {
      id: '19b',
      title: 'a 401 of the token endpoint that names the client, not the token, signs nobody out',
      run: (world) => outlives(world, ['401:invalid_client'], ['misconfigured']),
    },
    {
      id: '20',
      title: 'a refresh that hangs ends at a deadline, and the session is kept',
      run: (world) => outlives(world, ['hang', 'slow-headers'], ['timeout'], { refreshTimeoutMs: 3_000 }),
    },
    {
      id: '21',
      title: 'all waiting requests get an outcome when the refresh fails, those made during the refresh included',
      async run({ server, start }) {
        const driver = start({ retries: false });
        server.refreshBehaviour('503');
        const { sent, refresh } = await herdBehindRefresh(server, driver, 3);
        const later = [1, 2, 3].map((n) => send(driver, `/api/echo?later=${String(n)}`));
        await flush(server);
        refresh.release();
        await errors([...sent, ...later]);
      },
    },
    {
      id: '22',
      title: 'every caller gets an Error from which the response to the refresh can be reached',
      async run({ server, start }) {
        const driver = start({ retries: false });
        server.refreshBehaviour('503');
        const { sent, refresh } = await herdBehindRefresh(server, driver, 3);
        const later = send(driver, '/api/echo?later');
        await flush(server);
        refresh.release();
        for (const error of await failsFor(driver, [...sent, later], 'unavailable')) {
          holds('it is no Error', error instanceof Error);
          holds('it has no message', (error as Error).message !== '');
          same('the status that it leads to', statusOf(error), 503);
        }
      },
    },
    {
      id: '23',
      title: 'requests one after another do not each try a refresh that has just failed',
      async run({ server, start }) {
        const driver = start({ retries: false });
        server.expireAccess();
        server.refreshBehaviour('503');
        for (let n = 0; n < 10; n += 1) await errors([send(driver, `/api/echo?n=${String(n)}`)]);
        atMost('refreshes for 10 requests', server.refreshes.length, 3);
      },
    },
    {
      id: '26',
      title:
        'when the response is lost after the server has rotated, the old refresh token is presented at most once more',
      async run({ server, start }) {
        const driver = start();
        server.nextRefresh('reset-after-rotation');
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        refresh.release();
        await failsFor(driver, sent, 'unavailable');
        await flush(server);
        atMost('refreshes', server.refreshes.length, 2);
        holds('the session is gone', driver.tokens() !== null);
      },
    },
  ],
};
