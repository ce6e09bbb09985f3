import { memoryStore, type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { afterEach, beforeEach, expect, it, vi, type Mock } from 'vitest';
import { openProofServer, prover, type Prover, type ProofServer } from './proof-server.ts';

export interface Proofs {
  readonly server: ProofServer;
  /** The options of a session that has the server's token, and makes a proof for each request. */
  options(): SessionOptions & { readonly refresh: Mock<() => Promise<TokenSet>> };
}

/** An app that gets the status of the response to each of its requests. */
export interface ProofApp {
  readonly session: Session;
  readonly refresh: Mock<() => Promise<TokenSet>>;
  ask(path: string): Promise<number>;
}

/** Opens a new proof server for each test. */
export function useProofServer(): Proofs {
  let keys: Prover;
  let server: ProofServer;
  beforeEach(async () => {
    keys = await prover();
    server = await openProofServer(keys.thumbprint);
  });
  afterEach(() => server[Symbol.asyncDispose]());
  return {
    get server() {
      return server;
    },
    options: () => ({
      refresh: vi.fn(() => Promise.resolve({ accessToken: server.token, refreshToken: 'refresh' })),
      store: memoryStore({ accessToken: 'token-1', refreshToken: 'refresh' }),
      authorize: async ({ accessToken }, { method, url, nonce }) => ({
        Authorization: `DPoP ${accessToken}`,
        DPoP: await keys.proof(method, url, nonce, accessToken),
      }),
    }),
  };
}

/** An app that already knows the server's nonce. */
export async function withNonce({ server }: Proofs, app: ProofApp): Promise<ProofApp> {
  await app.ask('/first');
  server.forgetVerdicts();
  return app;
}

/** Tests what holds for a request with a proof of its own, whatever sends it. */
export function testProofs(proofs: Proofs, app: () => ProofApp): void {
  it('is sent once more with the nonce that the server asks for, without a refresh', async () => {
    const { ask, refresh } = app();
    expect(await ask('/me?b=2')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['no such nonce', 'good']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('carries a proof for the new token after a refresh', async () => {
    const { ask, refresh } = await withNonce(proofs, app());
    proofs.server.token = 'token-2';
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['dead token', 'good']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('succeeds when the nonce was replaced and the token is dead at once', async () => {
    const { ask, refresh } = await withNonce(proofs, app());
    proofs.server.token = 'token-2';
    proofs.server.nonce = 'nonce-2';
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['no such nonce', 'dead token', 'good']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('gets a proof of its own among twenty whose token is dead, with one refresh', async () => {
    const { ask, refresh } = await withNonce(proofs, app());
    proofs.server.token = 'token-2';
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`/me/${i}`)));
    expect(statuses).toEqual(Array(20).fill(200));
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(proofs.server.verdicts.filter((verdict) => verdict === 'good')).toHaveLength(20);
    expect(proofs.server.verdicts).not.toContain('bad proof');
  });

  it('fails after two sends when the server rejects every nonce', async () => {
    const { ask, refresh, session } = await withNonce(proofs, app());
    proofs.server.nonce = null;
    expect(await ask('/me')).toBe(401);
    expect(proofs.server.verdicts).toEqual(['no such nonce', 'no such nonce']);
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state.status).toBe('signed-in');
  });
}
