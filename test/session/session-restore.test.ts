import { asyncScheduler, map, of, take, timer } from 'rxjs';
import { createSession, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, settle, setUp, slowStore, tokensOf } from './fixture.ts';

const storeThat = (get: () => unknown, more: Partial<TokenStore> = {}): TokenStore => ({
  get: get as TokenStore['get'],
  set: () => {},
  ...more,
});

describe('a synchronous store', () => {
  it('makes the session ready at once', () => {
    const { session, states, story } = setUp();
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, owner: 'unnamed' });
    expect(states).toEqual([session.state]);
    expect(story()).toEqual(['restored 1']);
  });

  it.each([null, undefined])('that is empty (%s) makes the session signed out, without a reason', (held) => {
    const { session, story } = setUp({ store: storeThat(() => held) });
    expect(session.state).toEqual({ status: 'signed-out', tokens: null, generation: 0, owner: null });
    expect(story()).toEqual([]);
  });

  it.each(['text', 7, [], {}, { accessToken: '' }, { accessToken: 'access-9', refreshToken: 7 }, true])(
    'with something else than tokens makes the session signed out, and is reported: %j',
    (garbage) => {
      const { session, story } = setUp({ store: storeThat(() => garbage) });
      expect(session.state).toMatchObject({ status: 'signed-out', tokens: null, generation: 0 });
      expect(story()).toEqual([expect.stringMatching(/^store-failed get The store holds no token set: /)]);
      expect(story().join()).not.toContain('access-9');
    },
  );

  it('that throws makes the session unavailable, and its content is not quoted', () => {
    const { session, events } = setUp({ store: storeThat(() => JSON.parse('access-1 is no JSON')) });
    expect(session.state).toMatchObject({ status: 'unavailable', tokens: null, owner: null });
    expect(events).toEqual([{ type: 'store-failed', operation: 'get', message: 'SyntaxError' }]);
  });

  it('that throws something else than an Error is reported by its type', () => {
    const { events } = setUp({
      store: storeThat(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'access-1';
      }),
    });
    expect(events).toEqual([{ type: 'store-failed', operation: 'get', message: 'string' }]);
  });

  it('with something else than tokens is overwritten by a sign-in', async () => {
    const set = vi.fn();
    const { session } = setUp({ store: storeThat(() => 'garbage', { set }) });
    await session.signIn(tokensOf(1));
    expect(session.state.status).toBe('signed-in');
    expect(set.mock.calls).toEqual([[{ ...tokensOf(1), owner: session.state.owner }]]);
  });

  it('is read once', () => {
    const get = vi.fn(() => null);
    setUp({ store: storeThat(get) });
    expect(get).toHaveBeenCalledTimes(1);
  });
});

describe('an event before the first listener', () => {
  it('is emitted to the first listener, once', () => {
    const { session, events } = setUp();
    expect(events).toEqual([{ type: 'restored', generation: 1 }]);
    expect(record(session.events$).events).toEqual([]);
  });

  const faulty = storeThat(() => ({ ...tokensOf(1), expiresAt: NaN }));

  it('is emitted before an event that the first listener causes', () => {
    const session = createSession({ refresh: () => of(tokensOf(2)), store: faulty });
    const heard: string[] = [];
    session.events$.subscribe(({ type }) => {
      heard.push(type);
      if (type === 'tokens-faulty') void session.signIn(tokensOf('other'));
    });
    expect(heard).toEqual(['tokens-faulty', 'restored', 'signed-in']);
  });

  it('is kept for the next listener when the first one takes one event only', () => {
    const session = createSession({ refresh: () => of(tokensOf(2)), store: faulty });
    const [first, second] = [record(session.events$.pipe(take(1))), record(session.events$)];
    expect([first.values, second.values]).toMatchObject([[{ type: 'tokens-faulty' }], [{ type: 'restored' }]]);
  });
});

describe('an asynchronous store', () => {
  it('makes the session restoring, then signed in, for the same owner', () => {
    marbles(({ flush }) => {
      const { session, states, story } = setUp({ store: slowStore(10, tokensOf(1)) });
      expect(session.state).toEqual({ status: 'restoring', tokens: null, generation: 0, owner: null });
      flush();
      expect(states).toEqual([
        { status: 'restoring', tokens: null, generation: 0, owner: null },
        { status: 'signed-in', tokens: tokensOf(1), generation: 1, owner: 'unnamed' },
      ]);
      expect(story()).toEqual(['restored 1']);
      expect(asyncScheduler.now()).toBe(10);
    });
  });

  it('holds requests until it is read, and they are sent with its tokens', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = setUp({ store: slowStore(10, tokensOf(1)) });
      const api = apiOf(session, accepting('access-1'));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-1' });
      expectObservable(api.get$, '4ms ^').toBe('10ms (a|)', { a: 'access-1' });
      at(9, () => {
        expect(api.sent).toEqual([]);
      });
      flush();
      expect(api.sent).toEqual(['access-1', 'access-1']);
      expect(refresh).not.toHaveBeenCalled();
    });
  });

  it('holds requests until it is read, and they are sent without a token when it is empty', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ store: slowStore(10) });
      const api = apiOf(session, accepting());
      const outcome = record(api.get$);
      flush();
      expect(api.sent).toEqual([undefined]);
      expect(outcome.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
    });
  });

  it('never sends a request that was unsubscribed meanwhile', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ store: slowStore(10, tokensOf(1)) });
      const api = apiOf(session, accepting('access-1'));
      const left = record(api.get$);
      at(5, () => {
        left.unsubscribe();
      });
      flush();
      expect(api.sent).toEqual([]);
    });
  });

  it('makes refresh$ wait, and then start one refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = setUp({
        store: slowStore(10, tokensOf(1)),
        refresh: () => timer(5).pipe(map(() => tokensOf(2))),
      });
      // It is read at the start, read again before the refresh, and written after it.
      expectObservable(session.refresh$).toBe('35ms (t|)', { t: tokensOf(2) });
      expectObservable(session.refresh$).toBe('35ms (t|)', { t: tokensOf(2) });
      flush();
      expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(1)]);
    });
  });

  it('that rejects makes the session unavailable: the next request reads again, and fails if that fails', async () => {
    let isAway = true;
    const get = vi.fn(() => (isAway ? Promise.reject(new RangeError('access-1')) : Promise.resolve(tokensOf(1))));
    const { session, events } = setUp({ store: storeThat(get) });
    const api = apiOf(session, accepting('access-1'));
    await settle();
    expect(session.state).toMatchObject({ status: 'unavailable', tokens: null });
    const failure = { type: 'store-failed', operation: 'get', message: 'RangeError' };
    expect(events).toEqual([failure]);
    const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };
    const requests = [record(api.get$), record(api.get$)];
    await settle();
    expect(requests.map((request) => request.expectOneOutcome())).toMatchObject([unavailable, unavailable]);
    expect([get.mock.calls.length, events, api.sent]).toEqual([2, [failure, failure], []]);
    isAway = false;
    expect(await record(api.get$).outcome).toEqual({ kind: 'complete', values: ['access-1'] });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
  });

  it('that resolves to something else than tokens makes the session signed out, and is reported', async () => {
    const { session, events } = setUp({ store: storeThat(() => Promise.resolve({ access: 'access-1' })) });
    await settle();
    expect(session.state.status).toBe('signed-out');
    expect(events).toMatchObject([{ type: 'store-failed', operation: 'get' }]);
  });

  it.each([
    [200, 200],
    [undefined, 30_000],
  ])('that never answers is given up: with storeTimeoutMs %s after %i ms', (storeTimeoutMs, expected) => {
    marbles(({ flush }) => {
      const never: PromiseLike<null> = { then: () => new Promise<never>(() => {}) };
      const { session, events } = setUp({
        store: storeThat(() => never),
        refreshTimeoutMs: 5,
        ...(storeTimeoutMs !== undefined && { storeTimeoutMs }),
      });
      const api = apiOf(session, () => ['sent']);
      const request = record(api.get$);
      flush();
      expect(asyncScheduler.now()).toBe(expected);
      expect(session.state.status).toBe('unavailable');
      expect(events).toEqual([{ type: 'store-failed', operation: 'get', message: 'TimeoutError' }]);
      expect(request.expectOneOutcome()).toMatchObject({
        error: { name: 'RefreshFailedError', reason: 'unavailable' },
      });
    });
  });
});
