import { runInNewContext } from 'node:vm';
import { defer, from, map, of, throwError, timer } from 'rxjs';
import { retryOnUnauthorized, SessionExpiredError } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer, apiOf, at, setUp, settle, unauthorized, changed } from './fixture.ts';

describe('the challenge of a 401', () => {
  const challenged = (header: string) => {
    const all = setUp();
    const api = apiOf(all.session, (token) =>
      token === 'access-2' ? ['fine'] : throwError(() => answer(401, { 'www-authenticate': header })),
    );
    return { ...all, outcome: record(api.get$).expectOneOutcome() };
  };

  it.each([
    'Bearer realm="x"',
    'Bearer error="invalid_token"',
    'DPoP error="use_dpop_nonce", Bearer error="invalid_token"',
    'Bearer realm="say error=insufficient_scope"',
  ])('with a cause that a refresh resolves starts one: %s', (header) => {
    expect(challenged(header).outcome).toEqual({ kind: 'complete', values: ['fine'] });
  });

  it.each([
    ['Bearer error="insufficient_user_authentication", max_age=5', 'insufficient_user_authentication'],
    ['Basic realm="error=", Bearer error="insufficient_scope"', 'insufficient_scope'],
    ['Bearer error=""', ''],
  ])('with another cause starts no refresh, and is reported: %s', (header, error) => {
    const { outcome, refresh, events } = challenged(header);
    expect(outcome).toMatchObject({ kind: 'error', error: { status: 401 } });
    expect(refresh).not.toHaveBeenCalled();
    expect(events.at(-1)).toEqual({ type: 'challenged', error });
  });
});

/** A Response of another class than the global one, like those of node-fetch and Expo. */
class OtherResponse {
  readonly #answer = new Response('no', { status: 401 });
  get status(): number {
    return this.#answer.status;
  }
  get ok(): boolean {
    return this.#answer.ok;
  }
  get headers(): Headers {
    return this.#answer.headers;
  }
}

it('a refused Response whose body is a stream of Node, as those of node-fetch are, has its body destroyed', async () => {
  const { session } = setUp();
  const destroy = vi.fn();
  const refused = Object.assign(new OtherResponse(), { body: { destroy } });
  const api = apiOf(session, (token) =>
    token === 'access-2' ? ['fine'] : throwError(() => Object.assign(new Error('no'), { response: refused })),
  );
  expect(record(api.get$).values).toEqual(['fine']);
  await settle();
  expect(destroy).toHaveBeenCalledOnce();
});

describe('a 401 in the cause of an error', () => {
  it('starts a refresh, as a 401 that is not wrapped does', () => {
    const { session, refresh } = setUp();
    const wrapped = new Error('users cannot be listed', { cause: unauthorized });
    const api = apiOf(session, (token) => (token === 'access-2' ? ['fine'] : throwError(() => wrapped)));
    expect(record(api.get$).values).toEqual(['fine']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['of this copy of Sluice', new SessionExpiredError(undefined, unauthorized)],
    [
      'of another copy',
      Object.assign(new Error('over', { cause: unauthorized }), {
        [Symbol.for('sluice.error')]: true,
        code: 'session-expired',
      }),
    ],
  ])(
    'starts no refresh when the error is a SessionExpiredError %s, because that 401 ended another session',
    (_title, error) => {
      const { session, refresh } = setUp();
      for (const outcome of [error, new Error('wrapped', { cause: error })]) {
        const api = apiOf(session, () => throwError(() => outcome));
        expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: outcome, values: [] });
        expect(api.sent).toEqual(['access-1']);
      }
      expect(refresh).not.toHaveBeenCalled();
    },
  );
});

describe('hostile errors and values', () => {
  const trap = (): never => {
    throw new Error('no');
  };
  const hostile = new Proxy(new Error('hostile'), { get: trap, getOwnPropertyDescriptor: trap, ownKeys: trap });

  it('are passed on by retryOnUnauthorized unchanged', () => {
    const { session, refresh } = setUp();
    const thrown = record(throwError(() => hostile).pipe(retryOnUnauthorized(session))).expectOneOutcome();
    // Compared by identity, because a matcher would read their properties.
    expect(thrown.kind === 'error' && thrown.error === hostile).toBe(true);
    const emitted = record(from([hostile]).pipe(retryOnUnauthorized(session))).expectOneOutcome();
    expect(emitted.kind === 'complete' && emitted.values[0] === hostile).toBe(true);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a 401 that comes as a value', () => {
  const fetched = (session: ReturnType<typeof setUp>['session'], headers = {}) =>
    defer(() =>
      of(
        session.state.tokens?.accessToken === 'access-2'
          ? new Response('fine')
          : new Response('no', { status: 401, headers }),
      ),
    ).pipe(retryOnUnauthorized(session));

  it('starts a refresh', async () => {
    const { session, refresh } = setUp();
    const outcome = record(fetched(session)).expectOneOutcome();
    expect(await outcome.values[0]?.text()).toBe('fine');
    expect([outcome.kind, outcome.values.length, refresh.mock.calls.length]).toEqual(['complete', 1, 1]);
  });

  it('is delivered when no refresh can resolve it, and its body can be read', async () => {
    const { session } = setUp({ initial: { accessToken: 'access-1' } });
    const outcome = record(fetched(session)).expectOneOutcome();
    expect([outcome.kind, outcome.values[0]?.status, await outcome.values[0]?.text()]).toEqual(['complete', 401, 'no']);
  });

  it('has its challenge read', () => {
    const { session, refresh } = setUp();
    const outcome = record(fetched(session, { 'WWW-Authenticate': 'Bearer error="x"' })).expectOneOutcome();
    expect([outcome.values[0]?.status, refresh.mock.calls.length]).toEqual([401, 0]);
  });

  it('counts only as a fetch Response: another value may well have a `status`', () => {
    const { session, refresh } = setUp();
    const body = { status: 401 };
    expect(record(of(body).pipe(retryOnUnauthorized(session))).values).toEqual([body]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each<[string, () => unknown]>([
    ['another implementation', () => new OtherResponse()],
    [
      'another realm',
      () => runInNewContext('new (class { status = 401; ok = false; headers = new Map() })()') as unknown,
    ],
  ])('starts a refresh when the Response comes from %s', (_title, refused) => {
    const { session, refresh } = setUp();
    const source$ = defer(() => of(session.state.tokens?.accessToken === 'access-2' ? 'fine' : refused()));
    expect(record(source$.pipe(retryOnUnauthorized(session))).values).toEqual(['fine']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is treated as data where `Response` does not exist', () => {
    vi.stubGlobal('Response', undefined);
    try {
      expect(record(of({ status: 401 }).pipe(retryOnUnauthorized(setUp().session))).values).toEqual([{ status: 401 }]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('of an owner who has signed out becomes a SessionChangedError', () => {
    marbles(({ flush }) => {
      const { session } = setUp();
      const source$ = timer(10).pipe(map(() => new Response('no', { status: 401 })));
      const one = record(source$.pipe(retryOnUnauthorized(session)));
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
    });
  });
});

describe('isUnauthorized', () => {
  it('decides about errors and values in place of the default', () => {
    const { session, refresh } = setUp();
    const isUnauthorized = vi.fn((outcome: unknown) => outcome === 'UNAUTHENTICATED');
    let n = 0;
    const source$ = defer(() => of(n++ === 0 ? 'UNAUTHENTICATED' : 'fine'));
    expect(record(source$.pipe(retryOnUnauthorized(session, { isUnauthorized }))).values).toEqual(['fine']);
    expect(isUnauthorized.mock.calls).toEqual([['UNAUTHENTICATED'], ['fine']]);
    expect(refresh).toHaveBeenCalledTimes(1);
    const failing$ = throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized }));
    expect(record(failing$).settled).toMatchObject({ error: unauthorized });
    expect(isUnauthorized).toHaveBeenLastCalledWith(unauthorized);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('counts as false when it throws', () => {
    const { session, refresh } = setUp();
    const isUnauthorized = (): boolean => {
      throw new Error('oops');
    };
    expect(record(of('a', 'b').pipe(retryOnUnauthorized(session, { isUnauthorized }))).settled).toEqual({
      kind: 'complete',
      values: ['a', 'b'],
    });
    expect(
      record(throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized }))).settled,
    ).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is not called with the errors of another copy of Sluice', () => {
    const isUnauthorized = vi.fn(() => true);
    const { session } = setUp();
    const error = Object.assign(new Error('over'), { [Symbol.for('sluice.error')]: true, code: 'session-expired' });
    const one = record(throwError(() => error).pipe(retryOnUnauthorized(session, { isUnauthorized })));
    expect(one.expectOneOutcome()).toEqual({ kind: 'error', error, values: [] });
    expect(isUnauthorized).not.toHaveBeenCalled();
  });

  it('is not called with the session’s own errors', () => {
    const isUnauthorized = vi.fn((outcome: unknown) => outcome === unauthorized);
    const { session } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const one = record(throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized })));
    expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError' } });
    expect(isUnauthorized.mock.calls).toEqual([[unauthorized]]);
  });
});
