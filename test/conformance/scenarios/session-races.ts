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
      title: 'signing out during a refresh lasts: nothing comes back, and whoever waits is told',
      async run({ server, start }) {
        // Of an app that lets its refresh run to the end.
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
      title: 'and the tokens that came too late are given back',
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
        // A server that does not mind: what it still gives out is to be given back, too.
        server.refreshBehaviour({ body: { jwtToken: 'late-access', refreshToken: 'late-refresh' } });
        refresh.release();
        await errors(sent);
        await until('the late tokens to be given back', () => server.revocations.includes('late-refresh'));
      },
    },
    {
      id: '34',
      title: 'somebody else who signs in during a refresh stays; no request goes out as another person',
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
      title: 'a storage that cannot be written loses no tokens: they go on in memory',
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

/** In place of the library's own signal. */
function never(): AbortSignal {
  return new AbortController().signal;
}
