import { createSession, retryOnUnauthorized, type SessionEvent, type TokenStore } from 'sluice';
import type { AxiosError } from 'axios';
import { defer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, errorOf, refreshByFetch, sessionOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { bearerOf, expectQuiet } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('No error or event holds a token', () => {
  it('when an error of `refresh` quotes the tokens', async () => {
    const { server } = auth;
    const { api, events } = appOn(server, {
      sessionOptions: {
        refresh: (current) => {
          throw new Error(`cannot refresh with ${current!.refreshToken!}`);
        },
      },
    });
    server.expireAccess();
    const error = await errorOf(api.get('/api/echo'));
    expectQuiet(error, server);
    expectNoToken(events, server.secrets());
  });

  it('when the errors of a store quote the tokens', async () => {
    const { server } = auth;
    const tokens = server.login();
    const events: SessionEvent[] = [];
    const quoting = (): never => {
      throw new Error(`broken at ${JSON.stringify(tokens)}`);
    };
    const stores: TokenStore[] = [
      { get: quoting, set: quoting },
      { get: () => JSON.parse(tokens.accessToken) as null, set: () => Promise.resolve().then(quoting) },
      { get: () => `garbage ${tokens.accessToken}` as never, set: () => {} },
      { get: () => ({ token: tokens.accessToken }) as never, set: () => {} },
      { get: () => tokens, set: () => Promise.resolve().then(quoting) },
    ];
    for (const store of stores) {
      const session = createSession({ store, refresh: (current) => refreshByFetch(server, current) });
      session.events$.subscribe((event) => events.push(event));
      await session.signIn(server.login());
      await record(session.refresh$).outcome;
      await session.signOut();
    }
    expect(events.filter(({ type }) => type === 'store-failed').length).toBeGreaterThan(5);
    expectNoToken(events, server.secrets());
  });

  it('when the errors of callbacks quote the tokens', async () => {
    const { server } = auth;
    const quoting = (): never => {
      throw new Error(server.secrets().join());
    };
    const { api, events, session } = appOn(server, {
      sessionOptions: { classifyRefreshError: quoting, revoke: quoting, refreshRetries: false },
    });
    server.expireAccess();
    server.refreshBehaviour('503');
    expectQuiet(await errorOf(api.get('/api/echo')), server);
    await session.signOut();
    await waitFor(() => {
      expect(events.filter(({ type }) => type === 'callback-failed')).toHaveLength(2);
    });
    expectNoToken(events, server.secrets());
  });

  it('when signIn() is given bad input', async () => {
    const { server } = auth;
    const { session } = sessionOn(server);
    const { accessToken, refreshToken } = server.login();
    const wrong = [
      { jwtToken: accessToken, refreshToken },
      { accessToken: [accessToken] },
      accessToken,
      { accessToken, expiresAt: refreshToken },
    ];
    for (const input of wrong) {
      let error: unknown;
      try {
        await session.signIn(input as never);
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ name: 'InvalidInputError' });
      expectQuiet(error, server);
    }
  });

  it('when the operator runs on other sources', async () => {
    const { server } = auth;
    const { session, events } = sessionOn(server);
    server.expireAccess();
    server.revokeFamily();
    const error = await errorOf(
      defer(() => fetch(`${server.url}/api/echo`, { headers: bearerOf(session) })).pipe(retryOnUnauthorized(session)),
    );
    expect(error.name).toBe('SessionExpiredError');
    expectQuiet(error, server);
    expectNoToken(events, server.secrets());
  });

  it('when broken JSON contains the tokens', async () => {
    const { server } = auth;
    const { api } = appOn(server);
    server.route('/api/echo', () => ({
      headers: { 'content-type': 'application/json' },
      body: `{"token": "${server.secrets().join()}", oops`,
    }));
    const error: AxiosError = await errorOf(api.get('/api/echo'));
    const { message, stack } = error;
    expectNoToken({ message, stack, json: JSON.stringify(error) }, server.secrets());
  });
});
