import { type HttpErrorResponse } from '@angular/common/http';
import { createSessionInterceptor } from 'sluice/angular';
import { memoryStore, type SessionOptions, type TokenSet } from 'sluice/session';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openProofServer, type Prover, prover, type ProofServer } from '../support/proof-server.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
let keys: Prover;
let server: ProofServer;
beforeEach(async () => {
  keys = await prover();
  server = await openProofServer(keys.thumbprint);
});
afterEach(() => server[Symbol.asyncDispose]());

const app = (options: Partial<SessionOptions> = {}) => {
  const refresh = vi.fn(async (): Promise<TokenSet> => ({ accessToken: server.token, refreshToken: 'refresh' }));
  const { http, session } = appOn(auth.server, {
    options: {
      refresh,
      store: memoryStore({ accessToken: 'token-1', refreshToken: 'refresh' }),
      authorize: async ({ accessToken }, { method, url, nonce }) => ({
        Authorization: `DPoP ${accessToken}`,
        DPoP: await keys.proof(method, url, nonce, accessToken),
      }),
      ...options,
    },
    interceptors: [createSessionInterceptor({ trustedOrigins: [server.url] })],
  });
  const ask = (path: string): Promise<number> =>
    firstValueFrom(http.get(server.url + path, { observe: 'response', params: { a: 1 } })).then(
      ({ status }) => status,
      (error: unknown) => (error as HttpErrorResponse).status,
    );
  return { session, refresh, ask };
};
/** An app that already knows the server's nonce. */
const ready = async () => {
  const known = app();
  await known.ask('/first');
  (server.verdicts as string[]).length = 0;
  return known;
};

describe('Angular’s HttpClient with a proof for each request', () => {
  it('sends a request once more with the nonce that the server asks for, without a refresh', async () => {
    const { ask, refresh } = app();
    expect(await ask('/me')).toBe(200);
    expect(server.verdicts).toEqual(['no such nonce', 'good']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('makes a proof for the new token after a refresh', async () => {
    const { ask, refresh } = await ready();
    server.token = 'token-2';
    expect(await ask('/me')).toBe(200);
    expect(server.verdicts).toEqual(['dead token', 'good']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('succeeds when the nonce was replaced and the token is dead at once', async () => {
    const { ask, refresh } = await ready();
    server.token = 'token-2';
    server.nonce = 'nonce-2';
    expect(await ask('/me')).toBe(200);
    expect(server.verdicts).toEqual(['no such nonce', 'dead token', 'good']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('makes a proof for each of twenty requests whose token is dead, with one refresh', async () => {
    const { ask, refresh } = await ready();
    server.token = 'token-2';
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`/me/${i}`)));
    expect(statuses).toEqual(Array(20).fill(200));
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(server.verdicts.filter((verdict) => verdict === 'good')).toHaveLength(20);
    expect(server.verdicts).not.toContain('bad proof');
  });

  it('gives up after two sends when the server rejects every nonce', async () => {
    const { ask, refresh, session } = await ready();
    server.nonce = null;
    expect(await ask('/me')).toBe(401);
    expect(server.verdicts).toEqual(['no such nonce', 'no such nonce']);
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state.status).toBe('signed-in');
  });

  it('does not send a proof when somebody else has signed in while it was made', async () => {
    let proven: ((headers: Record<string, string>) => void) | undefined;
    const { session, ask } = app({
      authorize: () =>
        new Promise((resolve) => {
          proven = resolve;
        }),
    });
    const answer = ask('/me');
    await vi.waitFor(() => {
      expect(proven).toBeDefined();
    });
    void session.signIn({ accessToken: 'token-of-bob' });
    proven?.({ Authorization: 'DPoP token-1' });
    // SessionChangedError has no status.
    expect(await answer).toBeUndefined();
    expect(server.verdicts).toEqual([]);
  });
});
