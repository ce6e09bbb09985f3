import { inspect } from 'node:util';
import { attachSession, retryOnUnauthorized, withoutSession } from 'sluice';
import { sessionFetch } from 'sluice/fetch';
import { defer, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appOn, errorOf, instanceOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled, watchUnhandled } from '../support/watch-unhandled.ts';
import { dyingHerd, errorsOf, herd, kindsOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const auth = useAuthServer();

// token-secrecy.test.ts tests this in depth.
describe('Rule 13: Tokens appear in no error message, event, URL or log', () => {
  failOnUnhandled();
  const logged: unknown[] = [];
  beforeEach(() => {
    logged.length = 0;
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const)
      vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void logged.push(args));
  });
  afterEach(() => vi.restoreAllMocks());

  it.each(['ok', '503', '400:invalid_grant', 'same-token', 'no-token', 'reset'] as const)(
    'when the refresh ends with %s',
    async (behaviour) => {
      const { server } = auth;
      const { api, session, events } = appOn(server, { sessionOptions: { refreshRetries: false } });
      server.refreshBehaviour(behaviour);
      const recordings = await dyingHerd(server, api, 3);
      const outcomes = await Promise.all(recordings.map(({ outcome }) => outcome));
      await session.signOut();
      expect(events.length).toBeGreaterThan(2);
      expectNoToken(events, server.secrets());
      const errors = outcomes.filter((outcome) => outcome.kind === 'error').map(({ error }) => error as Error);
      expect(errors).toHaveLength(behaviour === 'ok' ? 0 : 3);
      for (const error of errors) expectNoToken([inspect(error), JSON.stringify(error)], server.secrets());
      expectNoToken(
        server.requests.map(({ url }) => url),
        server.secrets(),
      );
      // Sluice itself writes nothing to the console here.
      expect(logged).toEqual([]);
    },
  );
});

describe('Rule 13: A callback that throws changes no outcome', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const promiseOfTrue = (): boolean => Promise.resolve(true) as unknown as boolean;

  describe('in the options of a session and a client', () => {
    failOnUnhandled();

    it('canRefresh: a throw counts as false', async () => {
      const { server } = auth;
      const { api, events, session } = appOn(server, { sessionOptions: { canRefresh: boom } });
      server.expireAccess();
      expect((await errorOf(api.get('/api/echo'))).response?.status).toBe(401);
      expect(session.state.status).toBe('signed-in');
      expect(events).toContainEqual({ type: 'callback-failed', callback: 'canRefresh' });
      expect(server.refreshes).toEqual([]);
    });

    it.each([
      ['400:invalid_grant', 'SessionExpiredError'],
      ['503', 'RefreshFailedError'],
    ] as const)('classifyRefreshError: after a throw the default decides on %s', async (behaviour, name) => {
      const { server } = auth;
      const { api, events } = appOn(server, {
        sessionOptions: { classifyRefreshError: boom, refreshRetries: false },
      });
      server.refreshBehaviour(behaviour);
      const errors = await errorsOf(await dyingHerd(server, api, 3));
      expect(errors).toEqual(Array(3).fill(expect.objectContaining({ name })));
      expect(events).toContainEqual({ type: 'callback-failed', callback: 'classifyRefreshError' });
    });

    it.each([
      ['throws', boom],
      ['rejects', () => Promise.reject(new Error('boom'))],
    ])('revoke: sign-out completes when it %s', async (_name, revoke) => {
      const { server } = auth;
      const { session, events } = appOn(server, { sessionOptions: { revoke } });
      await session.signOut();
      expect(session.state).toMatchObject({ status: 'signed-out', reason: 'sign-out' });
      await waitFor(() => {
        expect(events).toContainEqual({ type: 'callback-failed', callback: 'revoke' });
      });
    });

    it('canRefresh: a promise counts as false, even one of true', async () => {
      const { server } = auth;
      const { api, events } = appOn(server, { sessionOptions: { canRefresh: promiseOfTrue } });
      server.expireAccess();
      expect((await errorOf(api.get('/api/echo'))).response?.status).toBe(401);
      expect(events).toContainEqual({ type: 'callback-failed', callback: 'canRefresh' });
      expect(server.refreshes).toEqual([]);
    });

    it.each([
      ['a throw', boom],
      ['a promise, even one of true,', promiseOfTrue],
    ])('isUnauthorized: %s counts as false, for clients, instances, fetch and the operator', async (_what, given) => {
      const { server } = auth;
      const { api, session, events } = appOn(server, { isUnauthorized: given });
      const instance = instanceOn(server);
      attachSession(instance, session, { isUnauthorized: given });
      const get = sessionFetch(session, { trustedOrigins: [server.url], isUnauthorized: given });
      const url = `${server.url}/api/echo`;
      const sent$ = defer(() => instance.get('/api/echo', withoutSession())).pipe(
        retryOnUnauthorized(session, { isUnauthorized: given }),
      );
      expect(await firstValueFrom(api.get('/api/echo'))).toMatchObject({ generation: 1 });
      server.expireAccess();
      expect((await errorOf(api.get('/api/echo'))).response?.status).toBe(401);
      expect((await errorOf(instance.get('/api/echo'))).response?.status).toBe(401);
      expect((await get(url)).status).toBe(401);
      expect((await errorOf(sent$)).response?.status).toBe(401);
      expect(server.refreshes).toEqual([]);
      expect(server.sent('/api/echo')).toHaveLength(5);
      expect(events.filter(({ type }) => type === 'callback-failed')).toEqual(
        Array(5).fill({ type: 'callback-failed', callback: 'isUnauthorized' }),
      );
    });

    it('refresh: a synchronous throw is a failed refresh', async () => {
      const { server } = auth;
      const { api, session } = appOn(server, { sessionOptions: { refresh: boom } });
      server.expireAccess();
      const errors = await errorsOf(herd(3, (path) => api.get(path)));
      expect(errors).toEqual(
        Array(3).fill(expect.objectContaining({ name: 'RefreshFailedError', reason: 'unavailable' })),
      );
      expect(session.state.status).toBe('signed-in');
    });
  });

  it('listeners of events$ and state$: an error is reported as uncaught, and the other listeners are called', async () => {
    const watch = watchUnhandled({ alone: true });
    try {
      const { server } = auth;
      const { api, session } = appOn(server);
      session.events$.subscribe(boom);
      session.state$.subscribe(boom);
      expect(await kindsOf(await dyingHerd(server, api, 5))).toEqual(['complete']);
      expect(await kindsOf([record(session.refresh$)])).toEqual(['complete']);
      await session.signOut();
      session.dispose();
      const { errors } = await watch.check().then(
        () => ({ errors: [] }),
        (error: unknown) => error as AggregateError,
      );
      expect(errors.length).toBeGreaterThan(3);
      expect(errors.map(String)).toEqual(errors.map(() => 'Error: boom'));
    } finally {
      watch.stop();
    }
  });
});
