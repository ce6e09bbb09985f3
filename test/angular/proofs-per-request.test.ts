import { type HttpErrorResponse } from '@angular/common/http';
import { createSessionInterceptor } from 'sluice/angular';
import type { SessionOptions } from 'sluice/session';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type ProofApp, testProofs, useProofServer } from '../support/proof-tests.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();
const proofs = useProofServer();

const app = (options: Partial<SessionOptions> = {}): ProofApp => {
  const defaults = proofs.options();
  const { http, session } = appOn(auth.server, {
    options: { ...defaults, ...options },
    interceptors: [createSessionInterceptor({ trustedOrigins: [proofs.server.url] })],
  });
  const ask = (path: string): Promise<number> =>
    firstValueFrom(http.get(proofs.server.url + path, { observe: 'response', params: { a: 1 } })).then(
      ({ status }) => status,
      (error: unknown) => (error as HttpErrorResponse).status,
    );
  return { session, refresh: defaults.refresh, ask };
};

describe('A request of Angular’s HttpClient with its own proof', () => {
  testProofs(proofs, app);

  it('is not sent when somebody else has signed in while `authorize` made the proof', async () => {
    let proven: ((headers: Record<string, string>) => void) | undefined;
    const { session, ask } = app({
      authorize: () =>
        new Promise((resolve) => {
          proven = resolve;
        }),
    });
    const answer = ask('/me');
    await waitFor(() => {
      expect(proven).toBeDefined();
    });
    void session.signIn({ accessToken: 'token-of-bob' });
    proven?.({ Authorization: 'DPoP token-1' });
    // The request fails with SessionChangedError, which has no status.
    expect(await answer).toBeUndefined();
    expect(proofs.server.verdicts).toEqual([]);
  });
});
