import { retryOnUnauthorized, type Client, type Session } from 'sluice';
import { fromFetch } from 'rxjs/fetch';
import { defer, type Observable } from 'rxjs';
import { expect } from 'vitest';
import type { AuthServer } from '../support/auth-server.ts';
import { expectNoToken } from '../support/no-token.ts';
import { expectNoTokenShown } from '../support/shown.ts';
import { record, type Outcome, type Recording } from '../support/recorder.ts';

/** Sends `/api/echo?n=0`, `?n=1`, … at the same time. */
export function herd<T>(n: number, get: (path: string) => Observable<T>): Recording<T>[] {
  return Array.from({ length: n }, (_, i) => record(get(`/api/echo?n=${i}`)));
}

/** Sends a herd with a dead token: all of it reaches the server before the first 401 is sent. */
export async function dyingHerd(server: AuthServer, api: Client, n: number): Promise<Recording<unknown>[]> {
  server.expireAccess();
  const hold = server.hold('/api/echo*');
  const recordings = herd(n, (path) => api.get(path));
  await hold.waiting(n);
  hold.release();
  return recordings;
}

/** Resolves with the outcome of every recording, after enough time for a second one. */
export async function outcomesOf<T>(recordings: readonly Recording<T>[]): Promise<Outcome<T>[]> {
  await Promise.all(recordings.map(({ outcome }) => outcome));
  return recordings.map((recording) => recording.expectOneOutcome());
}

/** The distinct kinds of the outcomes. */
export async function kindsOf(recordings: readonly Recording<unknown>[]): Promise<string[]> {
  return [...new Set((await outcomesOf(recordings)).map(({ kind }) => kind))];
}

/** The error of each recording; throws if one of them has no error. */
export async function errorsOf(recordings: readonly Recording<unknown>[]): Promise<unknown[]> {
  return (await outcomesOf(recordings)).map((outcome) => {
    if (outcome.kind !== 'error') throw new Error(`somebody's outcome is ${outcome.kind}`);
    return outcome.error;
  });
}

/** The shape of a request by `fromFetch` with the operator. */
export function fetchOn(server: AuthServer, session: Session): (path: string) => Observable<Response> {
  return (path) =>
    defer(() => fromFetch(server.url + path, { headers: bearerOf(session) })).pipe(retryOnUnauthorized(session));
}

/** Reads the token at the moment of sending. */
export function bearerOf(session: Session): Record<string, string> {
  const { tokens } = session.state;
  return tokens ? { authorization: `Bearer ${tokens.accessToken}` } : {};
}

/** Throws if a refresh token was used again after it had been rotated, or if two refreshes ran at the same time. */
export function expectOrderlyRefreshes({ refreshes, reuse, repeats }: AuthServer): void {
  if (reuse.length > 0) throw new Error(`${reuse.length} refresh tokens were used again`);
  if (repeats.length > 0) throw new Error(`${repeats.length} refresh tokens were presented twice`);
  if (refreshes.some(({ inFlight }) => inFlight > 0)) throw new Error('two refreshes ran at a time');
}

/**
 * Asserts that no token is in what a logger writes of an error, causes included, nor in anything else that can be reached from the error,
 * except the request of the transport and the app's own error.
 */
export function expectQuiet(error: unknown, server: AuthServer): void {
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toBe('');
  expectNoTokenShown(error, server.secrets());
  // Skip what holds the request as it was sent, with its token: the transport's `request` on the error and its response, and `cause`, the
  // app's own error.
  const isTransports = (path: string): boolean => /^\$(\.response|\.cause)?\.(request|cause)\b/.test(path);
  expectNoToken(error, server.secrets(), { skip: isTransports });
}
