import { retryOnUnauthorized, type Client, type Session } from 'sluice';
import { fromFetch } from 'rxjs/fetch';
import { defer, type Observable } from 'rxjs';
import { expect } from 'vitest';
import type { AuthServer } from '../support/auth-server.ts';
import { expectNoToken } from '../support/no-token.ts';
import { expectNoTokenShown } from '../support/shown.ts';
import { record, type Outcome, type Recording } from '../support/recorder.ts';

/** Gets `/api/echo?n=0`, `?n=1`, … all at once. */
export function herd<T>(n: number, get: (path: string) => Observable<T>): Recording<T>[] {
  return Array.from({ length: n }, (_, i) => record(get(`/api/echo?n=${i}`)));
}

/** A herd whose token has died, all of it on the server before the first 401 goes out. */
export async function dyingHerd(server: AuthServer, api: Client, n: number): Promise<Recording<unknown>[]> {
  server.expireAccess();
  const hold = server.hold('/api/echo*');
  const recordings = herd(n, (path) => api.get(path));
  await hold.waiting(n);
  hold.release();
  return recordings;
}

/** Everybody's outcome, once nothing more can come. */
export async function outcomesOf<T>(recordings: readonly Recording<T>[]): Promise<Outcome<T>[]> {
  await Promise.all(recordings.map(({ outcome }) => outcome));
  return recordings.map((recording) => recording.expectOneOutcome());
}

/** The kinds of the outcomes, each once. */
export async function kindsOf(recordings: readonly Recording<unknown>[]): Promise<string[]> {
  return [...new Set((await outcomesOf(recordings)).map(({ kind }) => kind))];
}

/** The errors that everybody got; throws if somebody got none. */
export async function errorsOf(recordings: readonly Recording<unknown>[]): Promise<unknown[]> {
  return (await outcomesOf(recordings)).map((outcome) => {
    if (outcome.kind !== 'error') throw new Error(`somebody's outcome is ${outcome.kind}`);
    return outcome.error;
  });
}

/** What a request of `fromFetch` with the operator looks like. */
export function fetchOn(server: AuthServer, session: Session): (path: string) => Observable<Response> {
  return (path) =>
    defer(() => fromFetch(server.url + path, { headers: bearerOf(session) })).pipe(retryOnUnauthorized(session));
}

/** Read at the moment of sending. */
export function bearerOf(session: Session): Record<string, string> {
  const { tokens } = session.state;
  return tokens ? { authorization: `Bearer ${tokens.accessToken}` } : {};
}

/** Throws if a refresh token was used again after it had been rotated away, or two refreshes ran at a time. */
export function expectOrderlyRefreshes({ refreshes, reuse, repeats }: AuthServer): void {
  if (reuse.length > 0) throw new Error(`${reuse.length} refresh tokens were used again`);
  if (repeats.length > 0) throw new Error(`${repeats.length} refresh tokens were presented twice`);
  if (refreshes.some(({ inFlight }) => inFlight > 0)) throw new Error('two refreshes ran at a time');
}

/** What ends up in logs, of causes, too. Of an error also all that can be reached from it, but what only code can get at. */
export function expectQuiet(error: unknown, server: AuthServer): void {
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toBe('');
  expectNoTokenShown(error, server.secrets());
  // The transport's own objects hold the request as it was sent: `request` of the error and of its answer, and the app's own error.
  const isTransports = (path: string): boolean => /^\$(\.response|\.cause)?\.(request|cause)\b/.test(path);
  expectNoToken(error, server.secrets(), { skip: isTransports });
}
