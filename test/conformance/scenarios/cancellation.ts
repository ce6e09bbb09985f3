import { pause } from '../../support/real-time.ts';
import { holds, same } from '../check.ts';
import type { Section } from '../scenario.ts';
import {
  answers,
  answerTo,
  echoOf,
  errors,
  flush,
  follow,
  generations,
  herdBehindRefresh,
  refreshedOrderly,
  send,
  settle,
} from '../steps.ts';

export const cancellation: Section = {
  title: 'E. Cancelling',
  scenarios: [
    {
      id: '41',
      title: 'a request that is cancelled during a refresh ends at once and is never sent; the others are not affected',
      needs: ['cancel'],
      async run({ server, start }) {
        const driver = start();
        const refresh = server.hold('/api/refresh-token');
        server.expireAccess();
        const leaving = new AbortController();
        const hold = server.hold('/api/echo*');
        const gone = send(driver, { url: '/api/echo?n=gone', signal: leaving.signal });
        const others = [1, 2].map((n) => send(driver, `/api/echo?n=${String(n)}`));
        await hold.waiting(3);
        hold.release();
        await refresh.arrived;
        await server.answered('/api/echo*', 3);
        await flush(server);
        const waiting = send(driver, { url: '/api/echo?n=waiting', signal: leaving.signal });
        await flush(server);
        leaving.abort();
        // Both requests end although the refresh has no response yet.
        await errors([gone, waiting], 1000);
        refresh.release();
        await answers(others);
        await flush(server);
        same('sends of who left', generations(server, '/api/echo?n=gone'), [1]);
        same('sends of who had never been sent', generations(server, '/api/echo?n=waiting'), []);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '42',
      title: 'when all requests are cancelled, the refresh goes on, and its tokens are kept',
      needs: ['cancel'],
      async run({ server, start }) {
        const driver = start();
        const refresh = server.hold('/api/refresh-token');
        server.expireAccess();
        const leaving = new AbortController();
        const sent = [1, 2].map((n) => send(driver, { url: `/api/echo?n=${String(n)}`, signal: leaving.signal }));
        await refresh.arrived;
        await server.answered('/api/echo*', 2);
        await flush(server);
        leaving.abort();
        await flush(server);
        refresh.release();
        await settle(sent);
        await server.answered('/api/refresh-token');
        await flush(server);
        await answerTo(driver, '/api/echo?n=after');
        same('sends of who comes after', generations(server, '/api/echo?n=after'), [2]);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '42b',
      title: 'cancelling a request in flight closes its connection',
      needs: ['cancel'],
      async run({ server, start }) {
        const driver = start();
        const hold = server.hold('/api/echo*');
        const leaving = new AbortController();
        const sent = send(driver, { url: '/api/echo?n=1', signal: leaving.signal });
        await hold.arrived;
        leaving.abort();
        await errors([sent], 1000);
        await server.closed('/api/echo?n=1');
        hold.release();
      },
    },
    {
      id: '43',
      title: 'a cold request that is started a second time may cause a refresh and be resent again',
      needs: ['cold', 'cancel'],
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        const cold = driver.cold?.({ url: '/api/echo?n=1' });
        const again = (signal?: AbortSignal) =>
          follow({ url: '/api/echo?n=1' }, () => cold?.send(signal) ?? Promise.reject(new Error('there is none')));
        const leaving = new AbortController();
        const refresh = server.hold('/api/refresh-token');
        server.expireAccess();
        const first = again(leaving.signal);
        await refresh.arrived;
        leaving.abort();
        refresh.release();
        await settle([first]);
        for (const generation of [2, 3, 4]) {
          const [answer] = await answers([again()]);
          same('answered with', echoOf(answer)['generation'], generation);
          server.expireAccess();
        }
        same('refreshes', server.refreshes.length, 3);
      },
    },
    {
      id: '44a',
      title: 'the timeout of a request does not run while it waits for the refresh that it caused',
      needs: ['timeout'],
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const refresh = server.hold('/api/refresh-token');
        const sent = send(driver, { url: '/api/echo?n=1', timeoutMs: 2_000 });
        await refresh.arrived;
        await pause(2_300);
        refresh.release();
        await answers([sent]);
      },
    },
    {
      id: '44b',
      title: 'the timeout of a request does not run while it waits for a refresh that another request caused',
      needs: ['timeout'],
      async run({ server, start }) {
        const driver = start();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        const later = send(driver, { url: '/api/echo?n=later', timeoutMs: 2_000 });
        await pause(2_300);
        refresh.release();
        await answers([...sent, later]);
      },
    },
    {
      id: '45',
      title:
        'when the library is removed during a refresh, waiting requests get an outcome, and no later 401 starts a refresh',
      needs: ['dispose'],
      async run({ server, start }) {
        const driver = start();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 2);
        driver.dispose?.();
        refresh.release();
        await settle(sent);
        await flush(server);
        const before = server.refreshes.length;
        server.expireAccess();
        await errors([send(driver, '/api/echo?n=after')]);
        await flush(server);
        same('refreshes afterwards', server.refreshes.length - before, 0);
        holds('it was sent more than once', server.sent('/api/echo?n=after').length <= 1);
      },
    },
  ],
};
