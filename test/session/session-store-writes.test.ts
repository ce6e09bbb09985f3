import { asyncScheduler, map, NEVER, of, throwError, timer } from 'rxjs';
import { type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, refusal, setUp, slowStore, tokensOf } from './fixture.ts';

describe('a failed write to the store', () => {
  it.each<[string, () => PromiseLike<void>, string]>([
    [
      'throws',
      () => {
        throw new RangeError('access-1');
      },
      'RangeError',
    ],
    ['is rejected', () => Promise.reject(new RangeError('access-1')), 'RangeError'],
  ])('(%s) is reported and the session goes on in memory', async (_title, set, message) => {
    const { session, events, refresh } = setUp({ store: { get: () => tokensOf(1), set } });
    await session.signIn(tokensOf(5));
    expect(events).toContainEqual({ type: 'store-failed', operation: 'set', message });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(5) });
    const api = apiOf(session, accepting('access-2'));
    expect(await record(api.get$).outcome).toMatchObject({ kind: 'complete' });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(5)]);
  });

  it('does not fail the refresh whose tokens it was to store', async () => {
    const set = () => Promise.reject(new Error('quota'));
    const { session, story } = setUp({ store: { get: () => tokensOf(1), set } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(story().slice(-2)).toEqual(['store-failed set Error', 'refresh-succeeded 2']);
    expect(session.state.tokens).toEqual(tokensOf(2));
  });

  it('leaves an earlier entry in the store, which is not taken for another holder’s', () => {
    let held = tokensOf(1);
    const set = vi.fn<TokenStore['set']>(() => {
      throw new Error('full');
    });
    set.mockImplementationOnce((tokens) => {
      held = tokens ?? held;
    });
    const { session, refresh } = setUp({ store: { get: () => held, set }, refresh: () => of(tokensOf(9)) });
    void session.signIn(tokensOf('other'));
    void session.signIn(tokensOf(5));
    expect(held).toMatchObject(tokensOf('other'));
    expect(record(session.refresh$).values).toEqual([tokensOf(9)]);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(5)]);
  });

  it('that hangs and takes effect after other tokens were found is not taken for another holder’s', async () => {
    vi.useFakeTimers();
    let held: TokenSet | null = tokensOf(1);
    let land = (): void => undefined;
    const set: TokenStore['set'] = (tokens) =>
      new Promise((resolve) => {
        land = () => {
          held = tokens;
          resolve();
        };
      });
    const { session, refresh } = setUp({ store: { get: () => held, set }, refresh: () => NEVER, storeTimeoutMs: 100 });
    void session.update({ accessToken: 'access-2' });
    await vi.advanceTimersByTimeAsync(100);
    held = tokensOf(9, { owner: session.state.owner! });
    record(session.refresh$);
    expect(session.state.tokens).toEqual(tokensOf(9));
    land();
    expect(held).toMatchObject({ refreshToken: 'refresh-1' });
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(9)]);
    vi.useRealTimers();
  });

  it('is given up when it never ends: the refresh succeeds then', () => {
    marbles(({ expectObservable, flush }) => {
      const never: PromiseLike<void> = { then: () => new Promise<never>(() => {}) };
      const { session, story } = setUp({ store: { get: () => tokensOf(1), set: () => never }, storeTimeoutMs: 100 });
      expectObservable(session.refresh$).toBe('100ms (t|)', { t: tokensOf(2) });
      flush();
      expect(story().slice(-2)).toEqual(['store-failed set TimeoutError', 'refresh-succeeded 2']);
    });
  });

  it('does not prevent a sign-out', async () => {
    const { session } = setUp({ store: { get: () => tokensOf(1), set: () => Promise.reject(new Error('x')) } });
    await session.signOut();
    expect(session.state.status).toBe('signed-out');
  });
});

describe('writes to the store', () => {
  it('happen in order, one at a time', () => {
    marbles(({ expectObservable, flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store });
      flush();
      const start = asyncScheduler.now();
      expect(start).toBe(10);
      void session.signIn(tokensOf('a'));
      void session.signOut();
      void session.signIn(tokensOf('b'));
      expectObservable(timer(25).pipe(map(() => [...store.writes]))).toBe('35ms (w|)', { w: ['access-a', null] });
      flush();
      expect(store.writes).toEqual(['access-a', null, 'access-b']);
      expect(session.state.tokens).toEqual(tokensOf('b'));
    });
  });

  it('still happen when the session is disposed of meanwhile', () => {
    marbles(({ flush }) => {
      const store = slowStore(10);
      const { session } = setUp({ store });
      flush();
      void session.signIn(tokensOf('a'));
      void session.signIn(tokensOf('b'));
      session.dispose();
      flush();
      expect(store.held).toMatchObject(tokensOf('b'));
    });
  });

  it('happen before waiting requests go and before refresh-succeeded', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store });
      flush();
      const seen: unknown[] = [];
      session.events$.subscribe(({ type }) => {
        if (type === 'refresh-succeeded') seen.push(store.held);
      });
      const api = apiOf(session, (token) => {
        seen.push(token, store.held);
        return accepting('access-2')(token);
      });
      record(api.get$);
      flush();
      const written: unknown = expect.objectContaining(tokensOf(2));
      expect(seen).toEqual(['access-1', tokensOf(1), written, 'access-2', written]);
    });
  });

  it('after a refusal empty the store', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store, refresh: () => throwError(() => refusal) });
      flush();
      record(session.refresh$);
      flush();
      expect(store.writes).toEqual([null]);
    });
  });
});

describe('the read before a refresh', () => {
  it.each<[string, () => TokenSet, string]>([
    [
      'throws',
      () => {
        throw new Error('locked');
      },
      'Error',
    ],
    [
      'gives garbage',
      () => ({ oops: true }) as unknown as TokenSet,
      'The store holds no token set: it has no accessToken of its own, but oops.',
    ],
  ])('is reported when it %s, and the tokens in memory are refreshed', (_title, read, message) => {
    const get = vi.fn<TokenStore['get']>(() => tokensOf(1));
    const { session, refresh, story } = setUp({ store: { get, set: () => {} } });
    get.mockImplementationOnce(read);
    expect(record(session.refresh$).values).toEqual([tokensOf(2)]);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(story()).toContain(`store-failed get ${message}`);
  });
});

describe('a store that shows a write before it confirms it', () => {
  const eager = (ms: number, initial: TokenSet | null = null): TokenStore => {
    let held = initial;
    const done = (): PromiseLike<void> => ({
      then: (next) => {
        timer(ms).subscribe(() => void next?.());
        return new Promise<never>(() => {});
      },
    });
    return {
      get: () => held,
      set: (tokens) => {
        held = tokens;
        return done();
      },
    };
  };

  it('does not make the session adopt its own write as another holder’s', () => {
    marbles(({ flush }) => {
      const { session, refresh, story } = setUp({ store: eager(10) });
      void session.signIn(tokensOf(1));
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(story()).not.toContain('tokens-adopted 2');
    });
  });

  it('does not make the session adopt its own write as another holder’s when it never confirms the write', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ store: eager(2 ** 31 - 1, tokensOf(1)), refresh: () => NEVER });
      void session.signIn(tokensOf('other'));
      at(60_000, () => record(session.refresh$));
      at(60_001, () => {
        expect(session.state.status).toBe('refreshing');
        expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf('other')]);
        session.dispose();
      });
      flush();
    });
  });

  it('does not sign out a person who signs in right after a sign-out', () => {
    marbles(({ flush }) => {
      const { session, story } = setUp({ store: eager(10, tokensOf(1)) });
      void session.signOut();
      void session.signIn(tokensOf('b'));
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(story()).not.toContain('signed-out elsewhere');
    });
  });
});
