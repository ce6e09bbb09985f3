import { holds, same } from '../check.ts';
import type { Section } from '../scenario.ts';
import {
  answers,
  answerTo,
  dyingHerd,
  echoOf,
  errors,
  failsFor,
  flush,
  herdBehindRefresh,
  refreshedOrderly,
  send,
  until,
} from '../steps.ts';
import { handlingUncaught } from '../uncaught.ts';

export const sessionRaces: Section = {
  title: 'D. Races of the session',
  scenarios: [
    {
      id: '33a',
      title: 'a sign-out during a refresh is final: no token comes back, and waiting requests fail with the reason',
      async run({ server, start }) {
        // The app's refresh ignores the signal of the library, so it still gets its response after the sign-out.
        const driver = start({ refresh: (current, ask) => ask(current?.refreshToken, { signal: never() }) });
        const { sent, where, refresh } = await herdBehindRefresh(server, driver, 1);
        driver.signOut();
        refresh.release();
        await failsFor(driver, sent, 'changed');
        await server.answered('/api/refresh-token');
        await flush(server);
        same('tokens after signing out', driver.tokens(), null);
        same('sent again after signing out', server.sent(where).length, 1);
      },
    },
    {
      id: '33b',
      title: 'tokens that a refresh brings after a sign-out are revoked',
      needs: ['revoke'],
      async run({ server, start }) {
        const driver = start({
          revoke: true,
          refresh: (current, ask) => ask(current?.refreshToken, { signal: never() }),
        });
        const old = driver.tokens()?.refreshToken;
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        driver.signOut();
        await server.answered('/api/revoke');
        same('revoked at once', server.revocations.includes(old ?? ''), true);
        // The server still issues tokens after the sign-out. They must be revoked, or they would stay valid although nobody uses them.
        server.refreshBehaviour({ body: { jwtToken: 'late-access', refreshToken: 'late-refresh' } });
        refresh.release();
        await errors(sent);
        await until('the late tokens to be given back', () => server.revocations.includes('late-refresh'));
      },
    },
    {
      id: '34',
      title: 'another person who signs in during a refresh stays signed in, and no request is sent as another person',
      async run({ server, start }) {
        const driver = start({ refresh: (current, ask) => ask(current?.refreshToken, { signal: never() }) });
        const { sent, where, refresh } = await herdBehindRefresh(server, driver, 1);
        driver.signIn(server.login('bob'));
        refresh.release();
        await failsFor(driver, sent, 'changed');
        await server.answered('/api/refresh-token');
        await flush(server);
        same(
          'sent as',
          server.sent(where).map(({ user }) => user),
          ['ada'],
        );
        same('answered as', echoOf(await answerTo(driver, '/api/echo?n=after'))['user'], 'bob');
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '35',
      title: 'a 401 for the former person’s request does not touch the new session',
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const late = server.hold('/api/echo?n=old', { when: 'after' });
        const old = send(driver, '/api/echo?n=old');
        await late.arrived;
        driver.signIn(server.login('bob'));
        late.release();
        await errors([old]);
        await flush(server);
        same('refreshes', server.refreshes.length, 0);
        same(
          'sent as',
          server.sent('/api/echo?n=old').map(({ user }) => user),
          ['ada'],
        );
        same('answered as', echoOf(await answerTo(driver, '/api/echo?n=after'))['user'], 'bob');
      },
    },
    {
      id: '36',
      title: 'tokens that another holder of the store writes during a refresh are adopted, even if it is refused',
      needs: ['shared-store'],
      async run({ server, start, sharedStore }) {
        const store = sharedStore(server.login());
        const driver = start({ storage: store.open() });
        const { sent, refresh } = await herdBehindRefresh(server, driver, 2);
        server.nextRefresh('400:invalid_grant');
        const winner = server.login();
        await store.open().set(winner);
        await until('the write to be heard of', () => driver.tokens()?.accessToken === winner.accessToken);
        refresh.release();
        await answers(sent);
        same('tokens in force', driver.tokens()?.accessToken === winner.accessToken, true);
        same('refreshes', server.refreshes.length, 1);
      },
    },
    {
      id: '38',
      title: 'a storage that cannot be written loses no tokens: the session goes on in memory',
      needs: ['storage'],
      async run({ server, start }) {
        const tokens = server.login();
        const driver = start({
          cooldownMs: 0,
          storage: {
            get: () => tokens,
            set: () => {
              throw new DOMException('full', 'QuotaExceededError');
            },
          },
        });
        await answers((await dyingHerd(server, driver, 1)).sent);
        await answers((await dyingHerd(server, driver, 1)).sent);
        refreshedOrderly(server, 2);
      },
    },
    {
      id: '39',
      title: 'a listener that throws changes no outcome',
      needs: ['events'],
      async run({ server, start }) {
        const fail = (): never => {
          throw new Error('a mistake of the app');
        };
        const thrown = await handlingUncaught(async () => {
          const driver = start({ on: { refreshed: fail, signedOut: fail } });
          await answers((await dyingHerd(server, driver, 3)).sent);
          refreshedOrderly(server, 1);
        });
        holds('nobody heard of it', thrown.length > 0);
      },
    },
    {
      id: '40a',
      title: 'a listener may make a request',
      needs: ['events'],
      async run({ server, start }) {
        const inside: ReturnType<typeof send>[] = [];
        const driver = start({
          on: { refreshed: () => inside.push(send(driver, '/api/echo?n=inside')) },
        });
        await answers((await dyingHerd(server, driver, 2)).sent);
        await answers(inside);
        same('requests of the listener', inside.length, 1);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '40b',
      title: 'a listener may sign out',
      needs: ['events'],
      async run({ server, start }) {
        const driver = start({
          on: {
            refreshed: () => {
              driver.signOut();
            },
          },
        });
        await failsFor(driver, (await dyingHerd(server, driver, 2)).sent, 'changed');
        same('tokens', driver.tokens(), null);
        refreshedOrderly(server, 1);
      },
    },
  ],
};

/**
 * Returns a signal that never aborts. The app's refresh passes it to its request in place of the library's signal: the request then goes on
 * after a sign-out, and its response arrives late.
 */
function never(): AbortSignal {
  return new AbortController().signal;
}
