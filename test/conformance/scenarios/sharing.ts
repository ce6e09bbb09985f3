import { same } from '../check.ts';
import type { Driver, SharedStorage, Storage, Tokens } from '../driver.ts';
import type { Section, World } from '../scenario.ts';
import {
  answers,
  answerTo,
  dyingHerd,
  echoOf,
  errors,
  failsFor,
  flush,
  refreshedOrderly,
  send,
  settle,
  until,
} from '../steps.ts';

/** Several apps over one store, as tabs or processes are. */
function holders({ server, start, sharedStore }: World, n: number, refreshTimeoutMs = 10_000): Driver[] {
  const store = sharedStore(server.login());
  return Array.from({ length: n }, () => start({ storage: store.open(), refreshTimeoutMs }));
}

/** Makes all of them send a request with the dead token before any of them gets its 401. */
async function expireTogether({ server }: World, drivers: readonly Driver[]) {
  server.expireAccess();
  const hold = server.hold('/api/echo*');
  const sent = drivers.map((driver, n) => send(driver, `/api/echo?n=${String(n)}`));
  await hold.waiting(drivers.length);
  hold.release();
  return sent;
}

/** A holder that has the lock, or the lease of a record that stands still, and never gives it back. */
async function freeze(holder: SharedStorage, work: () => void = () => undefined): Promise<void> {
  await new Promise<void>((locked) => {
    void holder.lock(() => {
      work();
      locked();
      return new Promise<never>(() => undefined);
    });
  });
}

export const sharing: Section = {
  title: 'H. Tabs, processes, time',
  scenarios: [
    {
      id: '57',
      title: 'tabs whose token dies at once share one refresh; the others adopt its tokens',
      needs: ['shared-store'],
      async run(world) {
        const drivers = holders(world, 3);
        await answers(await expireTogether(world, drivers));
        refreshedOrderly(world.server, 1);
        const inForce = new Set(drivers.map((driver) => driver.tokens()?.accessToken));
        same('different tokens in force', inForce.size, 1);
      },
    },
    {
      id: '58a',
      title: 'a request waits only a limited time for a lock whose holder is frozen',
      needs: ['shared-store'],
      async run({ server, start, sharedStore }) {
        const store = sharedStore(server.login());
        const driver = start({ storage: store.open(), refreshTimeoutMs: 3_000 });
        await freeze(store.open());
        await answers((await dyingHerd(server, driver, 3)).sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '58b',
      title: 'tokens that a holder has stored before it froze are adopted, and not refreshed again',
      needs: ['shared-store'],
      async run({ server, start, sharedStore }) {
        const store = sharedStore(server.login());
        // This holder gets no change notifications, like a tab that has just been thawed.
        const { changes$: _changes$, cell, ...storage } = store.open();
        const { news$: _news$, ...deaf } = cell;
        const driver = start({ storage: { ...storage, cell: deaf }, refreshTimeoutMs: 10_000 });
        server.expireAccess();
        const frozen = store.open();
        await freeze(frozen, () => void frozen.set(server.login()));
        await answerTo(driver, '/api/echo');
        same('refreshes', server.refreshes.length, 0);
      },
    },
    {
      id: '59',
      title: 'a tab waits for the tab that refreshes as long as that refresh may take',
      needs: ['shared-store'],
      async run(world) {
        const { server } = world;
        const drivers = holders(world, 2, 10_000);
        const slow = server.delay('/api/refresh-token', 1_500);
        await answers(await expireTogether(world, drivers));
        slow();
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '60a',
      title: 'without a lock, each tab still makes only one refresh',
      needs: ['storage'],
      async run({ server, start, sharedStore }) {
        const { get, set } = sharedStore(server.login()).open();
        await answers((await dyingHerd(server, start({ storage: { get, set } }), 3)).sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '60b',
      title:
        'if the lock is refused (SecurityError), either the refresh runs without it, or no token is presented and callers get an error until it is granted',
      needs: ['shared-store'],
      async run({ server, start, sharedStore }) {
        let isRefused = true;
        const { cell, ...shared } = sharedStore(server.login()).open();
        const lock: SharedStorage['lock'] = (work) =>
          isRefused ? Promise.reject(new DOMException('insecure', 'SecurityError')) : shared.lock(work);
        const storage: Storage = { ...shared, lock, cell: { ...cell, lock: (work) => lock(work) } };
        const driver = start({ storage, cooldownMs: 0 });
        const { sent } = await dyingHerd(server, driver, 3);
        const outcomes = await settle(sent);
        // A library may also refresh without the lock, if it knows that no other holder can be refreshing. So only a failure is checked
        // here.
        if (outcomes.some(({ kind }) => kind === 'error')) {
          await failsFor(driver, sent, 'unavailable');
          same('refreshes without the lock', server.refreshes.length, 0);
        }
        isRefused = false;
        await answerTo(driver, '/api/echo?n=granted');
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '60c',
      title: 'with a storage that is blocked altogether the session works in memory',
      needs: ['storage'],
      async run({ server, start }) {
        const blocked = (): never => {
          throw new DOMException('blocked', 'SecurityError');
        };
        const driver = start({ tokens: null, storage: { get: blocked, set: blocked } });
        driver.signIn(server.login());
        await answers((await dyingHerd(server, driver, 3)).sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '61a',
      title:
        'on waking without a network, requests fail as unavailable and the session is kept; with the network, one refresh serves all requests',
      needs: ['expiry'],
      async run({ server, start }) {
        const driver = start({ tokens: { ...server.login(), expiresAt: Date.now() - 8 * 3_600_000 } });
        server.expireAccess();
        server.offline();
        const asleep = Array.from({ length: 20 }, (_, n) => send(driver, `/api/echo?n=${String(n)}`));
        await failsFor(driver, asleep, 'unavailable');
        server.offline(false);
        // A person presses "try again".
        await driver.refresh?.();
        await answers(Array.from({ length: 20 }, (_, n) => send(driver, `/api/echo?n=${String(n)}`)));
        refreshedOrderly(server, 1);
        same('requests with the dead token', server.sent('/api/echo*').filter(({ stale }) => stale).length, 0);
      },
    },
    {
      id: '61b',
      title: 'a refresh that waits for the network holds 20 requests, and there is only one',
      needs: ['expiry'],
      async run({ server, start }) {
        let online = (): void => undefined;
        const network = new Promise<void>((resolve) => {
          online = resolve;
        });
        const driver = start({
          tokens: { ...server.login(), expiresAt: Date.now() - 8 * 3_600_000 },
          refresh: async (current, ask) => {
            await network;
            return ask(current?.refreshToken);
          },
        });
        server.expireAccess();
        server.offline();
        const sent = Array.from({ length: 20 }, (_, n) => send(driver, `/api/echo?n=${String(n)}`));
        server.offline(false);
        await flush(server);
        same('sent while the network was away', server.sent('/api/*').length, 0);
        online();
        await answers(sent);
        refreshedOrderly(server, 1);
      },
    },
    {
      id: '62',
      title: 'signing out in one tab signs the others out: no token is used or refreshed there any more',
      needs: ['shared-store'],
      async run(world) {
        const { server } = world;
        const [first, second] = holders(world, 2) as [Driver, Driver];
        await answerTo(second, '/api/echo?n=before');
        first.signOut();
        await until('the other tab to hear of it', () => second.tokens() === null);
        server.expireAccess();
        await errors([send(second, '/api/echo?n=after')]);
        same(
          'token sent',
          server.sent('/api/echo?n=after').map(({ tokenState }) => tokenState),
          ['none'],
        );
        same('refreshes', server.refreshes.length, 0);
      },
    },
    {
      id: '63a',
      title: 'many people in one process share nothing',
      async run({ server, start }) {
        const people = Array.from({ length: 10 }, (_, n) => `user${String(n)}`);
        const drivers = people.map((user) => start({ tokens: server.login(user) }));
        server.expireAccess();
        const hold = server.hold('/api/echo*');
        const sent = drivers.map((driver, n) => send(driver, `/api/echo?n=${String(n)}`));
        await hold.waiting(people.length);
        hold.release();
        same(
          'answered as',
          (await answers(sent)).map((answer) => echoOf(answer)['user']),
          people,
        );
        refreshedOrderly(server, people.length);
      },
    },
    {
      id: '63b',
      title: 'processes that share a store and start one after another use one refresh for each expiry',
      needs: ['shared-store'],
      async run(world) {
        const { server, start, sharedStore } = world;
        const store = sharedStore(server.login());
        const process = (): Driver => start({ storage: store.open(), cooldownMs: 0 });
        const [first, second] = [process(), process()];
        await answers(await expireTogether(world, [first, second]));
        const third = process();
        await answers(await expireTogether(world, [third, first, second]));
        refreshedOrderly(server, 2);
        const newest: Tokens | null = third.tokens();
        same('the newest tokens are everybody’s', second.tokens()?.accessToken === newest?.accessToken, true);
      },
    },
  ],
};
