import { holds, same } from '../check.ts';
import type { Section } from '../scenario.ts';
import { answers, answerTo, dyingHerd, errors, failsFor, herdBehindRefresh, refreshedOrderly, send } from '../steps.ts';

export const refusals: Section = {
  title: 'B. Refreshes that are refused, or bring less than expected',
  scenarios: [
    {
      id: '17a',
      title: 'invalid_grant ends the session: every caller gets the same reason, and no other refresh is sent',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.revokeFamily();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 5);
        const later = send(driver, '/api/echo?n=later');
        refresh.release();
        await failsFor(driver, [...sent, later], 'expired');
        same('tokens', driver.tokens(), null);
        await errors([send(driver, '/api/echo?n=after')]);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '17b',
      title: 'the end of a session by invalid_grant is reported once',
      needs: ['events'],
      async run({ server, start }) {
        let told = 0;
        const driver = start({ on: { signedOut: () => (told += 1) } });
        server.revokeFamily();
        await errors((await dyingHerd(server, driver, 5)).sent);
        same('times that signing out was told', told, 1);
      },
    },
    {
      id: '19a',
      title: 'a 401 of the token endpoint, through the same client, is no reason for another refresh',
      needs: ['same-client'],
      async run({ server, start }) {
        const driver = start({ refreshThroughClient: true, cooldownMs: 0 });
        server.refreshBehaviour('401');
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        refresh.release();
        await errors(sent);
        same('refreshes', server.refreshes.length, 1);
        server.refreshBehaviour('ok');
        driver.signIn(server.login());
        await answerTo(driver, '/api/echo?n=after');
      },
    },
    {
      id: '24',
      title: 'a refresh ahead of expiry that fails does no harm while the old token is good',
      needs: ['expiry'],
      async run({ server, start }) {
        const driver = start({
          retries: false,
          tokens: { ...server.login(), expiresAt: Date.now() + 20_000 },
        });
        server.refreshBehaviour('503');
        await answerTo(driver, '/api/echo?n=1');
        await server.answered('/api/refresh-token');
        await answerTo(driver, '/api/echo?n=2');
        holds('the session is gone', driver.tokens() !== null);
      },
    },
    {
      id: '25',
      title: 'a refresh response without a refresh token leaves the old one current',
      async run({ server, start }) {
        server.rotate = false;
        const driver = start({ cooldownMs: 0 });
        await answers((await dyingHerd(server, driver, 1)).sent);
        await answers((await dyingHerd(server, driver, 1)).sent);
        const presented = new Set(server.refreshes.map(({ refreshToken }) => refreshToken));
        same('refreshes', server.refreshes.length, 2);
        same('different refresh tokens', presented.size, 1);
      },
    },
  ],
};
