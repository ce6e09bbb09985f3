import { retryOnUnauthorized, type Session } from 'sluice';
import { defer, type Observable } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { describe, expect, it } from 'vitest';
import { appOn, errorOf, flush } from '../http/fixture.ts';
import type { AuthServer } from '../support/auth-server.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { bearerOf, errorsOf, expectOrderlyRefreshes, herd, kindsOf, outcomesOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Get = (path: string) => Observable<unknown>;

class HttpError extends Error {
  readonly response: Response;
  constructor(response: Response) {
    super(`answered ${response.status}`);
    this.response = response;
  }
}
const json = (response: Response): Promise<unknown> => {
  if (!response.ok) throw new HttpError(response);
  return response.json();
};

/** Sources that read the token at subscription. */
const sources: Record<string, (server: AuthServer, session: Session) => Get> = {
  'fromFetch, giving responses': (server, session) => (path) =>
    defer(() => fromFetch(server.url + path, { headers: bearerOf(session) })).pipe(retryOnUnauthorized(session)),
  'fromFetch with a selector that throws': (server, session) => (path) =>
    defer(() => fromFetch(server.url + path, { headers: bearerOf(session), selector: json })).pipe(
      retryOnUnauthorized(session),
    ),
  'defer around fetch, giving responses': (server, session) => (path) =>
    defer(() => fetch(server.url + path, { headers: bearerOf(session) })).pipe(retryOnUnauthorized(session)),
  'defer around fetch, throwing an error with the response': (server, session) => (path) =>
    defer(async () => json(await fetch(server.url + path, { headers: bearerOf(session) }))).pipe(
      retryOnUnauthorized(session),
    ),
  'defer around fetch, throwing the response itself': (server, session) => (path) =>
    defer(async () => {
      const response = await fetch(server.url + path, { headers: bearerOf(session) });
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as much code around fetch does
      if (!response.ok) throw response;
      return response.json() as Promise<unknown>;
    }).pipe(retryOnUnauthorized(session)),
  'defer around fetch, throwing an error with a status': (server, session) => (path) =>
    defer(async () => {
      const response = await fetch(server.url + path, { headers: bearerOf(session) });
      if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status });
      return response.json() as Promise<unknown>;
    }).pipe(retryOnUnauthorized(session)),
};

// An error with a status alone does not lead to the response.
const withResponse = Object.entries(sources).filter(([name]) => !name.endsWith('an error with a status'));

describe.each(withResponse)('retryOnUnauthorized on %s', (_name, sourceOn) => {
  it('closes the connection of a refused response whose body nobody reads', async () => {
    const { server } = auth;
    let sends = 0;
    server.route('/api/endless', (_request, closing) => ({
      status: (sends += 1) === 1 ? 401 : 200,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield '{}';
        if (sends === 1) await new Promise((resolve) => closing.addEventListener('abort', resolve));
      })(),
    }));
    const { session } = appOn(server);
    expect(await kindsOf([record(sourceOn(server, session)('/api/endless'))])).toEqual(['complete']);
    await server.closed('/api/endless');
    expect(server.sent('/api/endless')).toHaveLength(2);
  });
});

describe.each(Object.entries(sources))('retryOnUnauthorized on %s', (_name, sourceOn) => {
  it('shares one refresh with an axios client of the same session', async () => {
    const { server } = auth;
    const { api, session } = appOn(server);
    server.expireAccess();
    const hold = server.hold('/api/echo*');
    const recordings = [...herd<unknown>(10, sourceOn(server, session)), ...herd<unknown>(10, (path) => api.get(path))];
    await hold.waiting(20);
    hold.release();
    const outcomes = await outcomesOf(recordings);
    expect(outcomes).toEqual(Array(20).fill(expect.objectContaining({ kind: 'complete' })));
    for (const { values } of outcomes) {
      const [value] = values;
      const body: unknown = value instanceof Response ? await value.json() : value;
      expect(body).toMatchObject({ user: 'ada', generation: 2 });
    }
    expect(server.refreshes).toHaveLength(1);
    expect(server.staleSends()).toEqual([]);
    expectOrderlyRefreshes(server);
  });

  it('holds requests that start during a refresh caused by the client', async () => {
    const { server } = auth;
    const { api, session } = appOn(server);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const cause = record(api.get('/api/test-get'));
    await hold.arrived;
    const waiting = herd(3, sourceOn(server, session));
    await flush(server);
    expect(server.sent('/api/echo*')).toEqual([]);
    hold.release();
    expect(await kindsOf([cause, ...waiting])).toEqual(['complete']);
    expect(server.sent('/api/echo*').map(({ generation }) => generation)).toEqual([2, 2, 2]);
  });

  it('fails with the error of the refresh when that is refused', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    server.expireAccess();
    server.revokeFamily();
    const errors = await errorsOf(herd(3, sourceOn(server, session)));
    expect(errors).toEqual(Array(3).fill(expect.objectContaining({ name: 'SessionExpiredError' })));
    expect(server.refreshes).toHaveLength(1);
  });

  it('delivers the second 401 as the source emits it', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    server.route('/api/echo', () => ({ status: 401, body: { message: 'never' } }));
    const [recording] = herd(1, sourceOn(server, session));
    const outcome = await recording!.outcome;
    const given = outcome.kind === 'error' ? outcome.error : outcome.values[0];
    const response = given instanceof HttpError ? given.response : given;
    expect(response).toMatchObject({ status: 401 });
    expect(response).not.toBeInstanceOf(HttpError);
    if (response instanceof Response) expect(await response.json()).toEqual({ message: 'never' });
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo*')).toHaveLength(2);
  });

  it('does not retry other failures', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    const recording = record(sourceOn(server, session)('/api/status/500'));
    const outcome = await recording.outcome;
    expect(outcome.kind === 'error' ? outcome.error : outcome.values[0]).toMatchObject(
      outcome.kind === 'error' && outcome.error instanceof HttpError ? { response: { status: 500 } } : { status: 500 },
    );
    expect(server.refreshes).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('retryOnUnauthorized with isUnauthorized', () => {
  it('recognises a 401 that is reported in the body of a 200', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    server.expireAccess();
    type Answer = { data: { me: string } | null; errors?: { extensions: { code: string } }[] };
    const answer$ = defer(async () => {
      const response = await fetch(`${server.url}/api/graphql`, { method: 'POST', headers: bearerOf(session) });
      return (await response.json()) as Answer;
    }).pipe(
      retryOnUnauthorized(session, {
        isUnauthorized: (outcome) =>
          (outcome as Partial<Answer>).errors?.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED') === true,
      }),
    );
    expect(await record(answer$).outcome).toEqual({ kind: 'complete', values: [{ data: { me: 'ada' } }] });
    expect(server.refreshes).toHaveLength(1);
  });

  it('calls isUnauthorized instead of the default', async () => {
    const { server } = auth;
    const { session } = appOn(server);
    server.expireAccess();
    const error = await errorOf(
      defer(async () => json(await fetch(`${server.url}/api/echo`, { headers: bearerOf(session) }))).pipe(
        retryOnUnauthorized(session, { isUnauthorized: () => false }),
      ),
    );
    expect(error).toBeInstanceOf(HttpError);
    expect(server.refreshes).toEqual([]);
  });
});
