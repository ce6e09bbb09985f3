import { readFileSync } from 'node:fs';
import axios from 'axios';
import { type Observable, of } from 'rxjs';
import { createSession, isSluiceError, memoryStore, type Session, type SessionOptions } from '../../../src/index.ts';
import { sharedStore } from '../../../src/session/index.ts';
import type { AuthServer } from '../../support/auth-server.ts';
import type { AppSetup, Ask, Driver, Storage, Tokens, Why } from '../driver.ts';
import { LEASE_MS } from '../shared-memory.ts';
import { refreshOf } from './asking.ts';

export const { version: sluiceVersion } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** The session that Sluice's drivers have in common. */
export function sessionFor(server: AuthServer, tokens: Tokens | null, setup: AppSetup, ask: Ask): Session {
  const { storage, refreshTimeoutMs, retries, cooldownMs, revoke, tokenHeader, on } = setup;
  const options: SessionOptions = {
    refresh: (current, { signal }) => {
      const result = refreshOf(setup, current, (refreshToken, options) => ask(refreshToken, { signal, ...options }));
      return result instanceof Promise ? result : of(result);
    },
    store: storage ? storeOver(storage) : memoryStore(tokens),
    ...(refreshTimeoutMs !== undefined && { refreshTimeoutMs }),
    ...(retries === false && { refreshRetries: false }),
    ...(cooldownMs !== undefined && { minRefreshIntervalMs: cooldownMs }),
    ...(tokenHeader !== undefined && { authorize: ({ accessToken }) => ({ [tokenHeader]: accessToken }) }),
    ...(revoke && {
      revoke: ({ refreshToken }) => axios.post(`${server.url}/api/revoke`, { token: refreshToken }),
    }),
  };
  const session = createSession(options);
  if (on) {
    session.events$.subscribe((event) => {
      if (event.type === 'refresh-succeeded') on.refreshed?.();
      if (event.type === 'signed-out') on.signedOut?.();
      if (event.type === 'challenged') on.challenged?.(event.error);
    });
  }
  return session;
}

function storeOver({ get, set, cell, leaseMs = LEASE_MS }: Storage): NonNullable<SessionOptions['store']> {
  return cell ? sharedStore(cell, { leaseMs }) : { get, set };
}

/** The members that all of Sluice's drivers have beside `request`. */
export function sessionDriver(
  session: Session,
): Required<Pick<Driver, 'signIn' | 'signOut' | 'tokens' | 'refresh' | 'explain' | 'dispose'>> {
  return {
    signIn: (tokens) => void session.signIn(tokens),
    signOut: () => void session.signOut(),
    tokens: () => session.state.tokens,
    refresh: () =>
      new Promise((resolve, reject) => {
        session.refresh$.subscribe({ next: resolve, error: reject });
      }),
    explain: whyOfSluice,
    dispose: () => {
      session.dispose();
    },
  };
}

function whyOfSluice(error: unknown): Why | undefined {
  if (!isSluiceError(error)) return undefined;
  switch (error.code) {
    case 'session-expired':
      return 'expired';
    case 'refresh-failed':
      return error.reason;
    case 'session-changed':
      return 'changed';
    case 'body-used':
      return 'body';
    default:
      return 'unknown';
  }
}

/** The token as a request's own credentials, for one that is not to be sent again. */
export function ownCredentials({ state: { tokens } }: Session): Record<string, string> {
  return tokens ? { Authorization: `Bearer ${tokens.accessToken}` } : {};
}

/** The one value of a request; its signal unsubscribes. */
export function valueOf<T>(request$: Observable<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscription = request$.subscribe({ next: resolve, error: reject });
    signal?.addEventListener('abort', () => {
      subscription.unsubscribe();
      reject(new DOMException('Unsubscribed.', 'AbortError'));
    });
  });
}
