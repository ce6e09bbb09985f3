import { same } from '../check.ts';
import { statusOf } from '../outcome.ts';
import type { Section } from '../scenario.ts';
import { answerTo, echoOf, errors, failsFor, flush, refreshedOrderly, send, settle } from '../steps.ts';

const stepUp = '/api/challenge?error=insufficient_user_authentication&acr_values=high';

export const protocol: Section = {
  title: 'I. Protocol',
  scenarios: [
    {
      id: '64a',
      title: 'a 401 with error="invalid_token" starts a refresh, and so does one without a challenge',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.expireAccess();
        await answerTo(driver, '/api/echo?n=1');
        server.unauthorized = () => ({ status: 401 });
        server.expireAccess();
        await answerTo(driver, '/api/echo?n=2');
        refreshedOrderly(server, 2);
      },
    },
    {
      id: '64b',
      title: 'a 401 that asks for a stronger sign-in (RFC 9470) starts no refresh',
      async run({ server, start }) {
        const driver = start();
        await failsFor(driver, [send(driver, stepUp)], 'unauthorized');
        await flush(server);
        same('refreshes', server.refreshes.length, 0);
        same('sends', server.sent(stepUp).length, 1);
      },
    },
    {
      id: '64c',
      title: 'the app is notified of a 401 that asks for a stronger sign-in (RFC 9470)',
      needs: ['events'],
      async run({ start }) {
        const told: string[] = [];
        const driver = start({ on: { challenged: (error) => told.push(error) } });
        await settle([send(driver, stepUp)]);
        same('challenges told', told, ['insufficient_user_authentication']);
      },
    },
    {
      id: '64d',
      title: 'a 403 with error="insufficient_scope" starts no refresh',
      async run({ server, start }) {
        const driver = start();
        const [error] = await errors([send(driver, '/api/challenge?error=insufficient_scope&status=403')]);
        same('status', statusOf(error), 403);
        await flush(server);
        same('refreshes', server.refreshes.length, 0);
      },
    },
    {
      id: '65',
      title: 'a dead token that only the body of a 200 reports, as in GraphQL, starts a refresh',
      needs: ['predicate'],
      async run({ server, start }) {
        const driver = start({
          isUnauthorized: ({ body }) =>
            (body as { errors?: { extensions?: { code?: string } }[] } | null)?.errors?.[0]?.extensions?.code ===
            'UNAUTHENTICATED',
        });
        server.expireAccess();
        const query = { url: '/api/graphql', method: 'POST', json: { query: '{ me }' } };
        same('the answer', echoOf(await answerTo(driver, query)), { data: { me: 'ada' } });
        refreshedOrderly(server, 1);
      },
    },
  ],
};
