import { RefreshFailedError, retryOnUnauthorized, SessionExpiredError, type Session } from 'sluice';
import { defer, from, map, switchMap, type Observable } from 'rxjs';
import { ajax } from 'rxjs/ajax';
import { fromFetch } from 'rxjs/fetch';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { sessionOn, typesOf } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

const bearer = ({ state }: Session) => ({ Authorization: `Bearer ${state.tokens?.accessToken ?? ''}` });

/** A request as an app writes it, which reads the token when it is sent and emits the status and the body. */
const sources: [name: string, get: (session: Session, url: string) => Observable<{ status: number; body: unknown }>][] =
  [
    [
      'ajax',
      (session, url) =>
        defer(() => ajax({ url, headers: bearer(session) })).pipe(
          retryOnUnauthorized(session),
          map(({ status, response }) => ({ status, body: response })),
        ),
    ],
    [
      'fromFetch',
      (session, url) =>
        defer(() => fromFetch(url, { headers: bearer(session) })).pipe(
          retryOnUnauthorized(session),
          switchMap((response) => from(response.json().then((body: unknown) => ({ status: response.status, body })))),
        ),
    ],
    [
      'fromFetch with a selector',
      (session, url) =>
        defer(() =>
          fromFetch(url, {
            headers: bearer(session),
            selector: async (response) => ({ status: response.status, body: (await response.json()) as unknown }),
          }),
        ).pipe(
          retryOnUnauthorized(session, {
            isUnauthorized: (outcome) => (outcome as { status?: number }).status === 401,
          }),
        ),
    ],
  ];

describe.each(sources)('retryOnUnauthorized() on %s', (_name, get) => {
  it('resends a herd of 401s after one refresh', async () => {
    const { server } = use;
    const { session, refresh } = await sessionOn(server);
    await server.expireAccess();

    const recordings = [1, 2, 3, 4].map((n) => record(get(session, `${server.url}/api/echo?n=${n}`)));
    await Promise.all(recordings.map(({ outcome }) => outcome));

    for (const [index, recording] of recordings.entries()) {
      const body = { generation: 2, query: { n: String(index + 1) } };
      expect(recording.expectOneOutcome()).toMatchObject({ kind: 'complete', values: [{ status: 200, body }] });
    }
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('sends nothing more for a request that is unsubscribed during the refresh', async () => {
    const { server } = use;
    const { session } = await sessionOn(server);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const left = record(get(session, `${server.url}/api/left`));
    await refreshing.waiting(1);

    left.unsubscribe();
    await refreshing.release();

    await expect.poll(() => session.state.generation).toBe(2);
    await server.flush();
    expect(await server.sent('/api/left')).toHaveLength(1);
    left.expectOneOutcome();
  });

  it('closes the connection of a request that is unsubscribed in flight', async () => {
    const { server } = use;
    const { session } = await sessionOn(server);
    const held = await server.hold('/api/left');
    const left = record(get(session, `${server.url}/api/left`));
    await held.waiting(1);

    left.unsubscribe();

    await server.closed('/api/left');
    await held.release();
  });

  it('fails with the error of the refresh, and the session ends only for a refusal', async () => {
    const { server } = use;
    const { session, events } = await sessionOn(server, { refreshRetries: false, minRefreshIntervalMs: 0 });
    await server.expireAccess();
    await server.nextRefresh('503');

    const kept = await record(get(session, `${server.url}/api/echo`)).outcome;
    expect(kept).toMatchObject({ kind: 'error', error: expect.any(RefreshFailedError) });
    expect(session.state.status).toBe('signed-in');

    await server.revokeFamily();
    const over = await record(get(session, `${server.url}/api/echo`)).outcome;
    expect(over).toMatchObject({ kind: 'error', error: expect.any(SessionExpiredError) });
    expect(typesOf(events).filter((type) => type === 'signed-out')).toHaveLength(1);
  });
});

it.each(sources.slice(0, 2))('a step-up challenge starts no refresh on %s', async (_name, get) => {
  const { server } = use;
  const { session, refresh, events } = await sessionOn(server);
  const url = `${server.url}/api/challenge?error=insufficient_user_authentication`;

  const outcome = await record(get(session, url)).outcome;

  const answer: unknown = outcome.kind === 'error' ? outcome.error : outcome.values[0];
  expect(answer).toMatchObject({ status: 401 });
  expect(refresh).not.toHaveBeenCalled();
  expect(events).toMatchObject([
    { type: 'restored', generation: 1 },
    { type: 'challenged', error: 'insufficient_user_authentication' },
  ]);
});
