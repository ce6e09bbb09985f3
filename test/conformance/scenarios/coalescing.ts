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
  generations,
  herdBehindRefresh,
  refreshedOrderly,
  send,
} from '../steps.ts';

export const coalescing: Section = {
  title: 'A. Coalescing',
  scenarios: [
    {
      id: '1',
      title: 'requests whose token has died share one refresh, and all succeed',
      async run({ server, start }) {
        const { sent, where } = await dyingHerd(server, start(), 5);
        const all = await answers(sent);
        same(
          'generations answered',
          all.map((answer) => echoOf(answer)['generation']),
          [2, 2, 2, 2, 2],
        );
        refreshedOrderly(server, 1);
        same('requests on the wire', generations(server, where), [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
        same('requests with a dead token after the refresh', server.staleSends().length, 0);
      },
    },
    {
      id: '2',
      title: 'a 401 for the old token that arrives after the refresh is sent again without another',
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const late = server.hold('/api/echo?n=late', { when: 'after' });
        const straggler = send(driver, '/api/echo?n=late');
        await late.arrived;
        await answerTo(driver, '/api/echo?n=first');
        late.release();
        await answers([straggler]);
        refreshedOrderly(server, 1);
        same('generations of the straggler', generations(server, '/api/echo?n=late'), [1, 2]);
      },
    },
    {
      id: '3',
      title: 'a request made during a refresh is not sent before the refresh ends, and carries the new token',
      async run({ server, start }) {
        const driver = start();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        const later = send(driver, '/api/echo?n=later');
        await flush(server);
        same('sent while the refresh ran', generations(server, '/api/echo?n=later'), []);
        refresh.release();
        await answers([...sent, later]);
        same('generations sent', generations(server, '/api/echo?n=later'), [2]);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '4',
      title: 'a token that dies while an earlier request is still being resent gets a refresh of its own',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.expireAccess();
        const download = server.hold(({ url, generation }) => url === '/api/echo?n=slow' && generation === 2, {
          when: 'after',
        });
        const slow = send(driver, '/api/echo?n=slow');
        await download.arrived;
        server.expireAccess();
        await answerTo(driver, '/api/echo?n=other');
        same('generations sent', generations(server, '/api/echo?n=other'), [2, 3]);
        download.release();
        await answers([slow]);
        refreshedOrderly(server, 2);
      },
    },
    {
      id: '5',
      title: 'one refresh follows each of several expiries, and all requests succeed',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        for (const n of [1, 2, 3]) {
          await answers((await dyingHerd(server, driver, 1)).sent);
          refreshedOrderly(server, n);
        }
      },
    },
    {
      id: '6',
      title: 'two clients of one session share one refresh',
      needs: ['several-clients'],
      async run({ server, start }) {
        const driver = start();
        const sibling = driver.sibling?.() ?? driver;
        server.expireAccess();
        const hold = server.hold('/api/echo*');
        const sent = [send(driver, '/api/echo?n=1'), send(sibling, '/api/echo?n=2')];
        await hold.waiting(2);
        hold.release();
        await answers(sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '7a',
      title: 'requests succeed when the refresh returns its tokens synchronously',
      async run({ server, start }) {
        const driver = start({ refresh: () => server.login(), cooldownMs: 0 });
        await answers((await dyingHerd(server, driver, 1)).sent);
        await answers((await dyingHerd(server, driver, 1)).sent);
      },
    },
    {
      id: '7b',
      title: 'requests succeed when the refresh resolves in the same tick',
      async run({ server, start }) {
        const driver = start({ refresh: () => Promise.resolve(server.login()), cooldownMs: 0 });
        await answers((await dyingHerd(server, driver, 1)).sent);
        await answers((await dyingHerd(server, driver, 1)).sent);
      },
    },
    {
      id: '7c',
      title: 'a refresh that throws synchronously fails its requests, and the next refresh succeeds',
      async run({ server, start }) {
        let broken = true;
        const driver = start({
          cooldownMs: 0,
          refresh: (current, ask) => {
            if (broken) throw new TypeError('a mistake of the app');
            return ask(current?.refreshToken);
          },
        });
        server.expireAccess();
        await errors([send(driver, '/api/echo?n=1')]);
        broken = false;
        await answerTo(driver, '/api/echo?n=2');
      },
    },
    {
      id: '8',
      title: 'a refresh through the very client that it is for, after an await, does not wait for itself',
      needs: ['same-client'],
      async run({ server, start }) {
        const driver = start({ refreshThroughClient: true });
        await answers((await dyingHerd(server, driver, 1)).sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '9',
      title: 'after a refresh that gives the rejected token again no request is resent, and the error says why',
      async run({ server, start }) {
        const driver = start();
        server.refreshBehaviour('same-token');
        const { sent, where } = await dyingHerd(server, driver, 1);
        await failsFor(driver, sent, 'same-token');
        same('requests on the wire', generations(server, where), [1]);
      },
    },
    {
      id: '10',
      title: 'two sessions refresh separately, and no request gets the response of another person',
      async run({ server, start }) {
        const ada = start({ tokens: server.login('ada') });
        const bob = start({ tokens: server.login('bob') });
        server.expireAccess();
        const hold = server.hold('/api/echo*');
        const sent = [send(ada, '/api/echo?who=ada'), send(bob, '/api/echo?who=bob')];
        await hold.waiting(2);
        hold.release();
        const users = (await answers(sent)).map((answer) => echoOf(answer)['user']);
        same('answered as', users, ['ada', 'bob']);
        same('refreshed', server.refreshes.map(({ user }) => user).sort(), ['ada', 'bob']);
        refreshedOrderly(server, 2);
      },
    },
    {
      id: '11',
      title: 'a refresh for other tokens, started while one runs, has its own result',
      needs: ['refresh'],
      async run({ server, start }) {
        const driver = start();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        driver.signIn(server.login('bob'));
        const other = driver.refresh?.();
        await refresh.waiting(2);
        refresh.release();
        await other;
        await errors(sent);
        const answer = await answerTo(driver, '/api/echo?n=after');
        same('answered as', echoOf(answer)['user'], 'bob');
        same(
          'refreshed',
          server.refreshes.map(({ user }) => user),
          ['ada', 'bob'],
        );
        holds(
          'bob’s tokens are not in force',
          driver.tokens()?.accessToken === server.sent('/api/echo?n=after')[0]?.token,
        );
      },
    },
  ],
};
