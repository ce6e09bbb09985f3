import { map, NEVER, of, timer } from 'rxjs';
import { type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, after, answer, apiOf, at, late, refusal, setUp, sharedStore, tokensOf } from './fixture.ts';

describe('a store that another holder writes to', () => {
  it('is read again before a refresh: newer tokens are adopted and `refresh` is not called', () => {
    const { store, write } = sharedStore();
    const { session, refresh, story } = setUp({ store });
    write(tokensOf(7), true);
    const api = apiOf(session, accepting('access-7'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-7'] });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(7), generation: 2, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'refresh-started unauthorized 1', 'tokens-adopted 2', 'request-resent 2']);
  });

  it('is not taken for new after that', () => {
    const { store, write } = sharedStore();
    const { session, refresh } = setUp({ store });
    write(tokensOf(7), true);
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });

  it('is taken for new again when it holds the former tokens again', () => {
    const { store, write } = sharedStore();
    const { session, refresh } = setUp({ store });
    write(tokensOf(7), true);
    record(session.refresh$);
    write(tokensOf(1), true);
    expect(record(session.refresh$).values).toEqual([tokensOf(1)]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('and whose tokens have died there costs a 401 more; then comes the refresh, and the request is answered', () => {
    const { store, write } = sharedStore();
    const { session, refresh, story } = setUp({ store, refresh: () => of(tokensOf(9)) });
    write(tokensOf(7), true);
    const api = apiOf(session, accepting('access-9'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-9'] });
    expect(api.sent).toEqual(['access-1', 'access-7', 'access-9']);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
    expect(story().filter((it) => it.startsWith('refresh-started'))).toHaveLength(2);
  });

  it('and whose tokens are rejected a moment after a refresh of the former ones is refreshed all the same', () => {
    const { store, write } = sharedStore();
    const written = vi.fn<() => void>();
    // A thenable, and no promise: what waits for it goes on here.
    const set = (): PromiseLike<void> => ({
      then: (done) => {
        written.mockImplementation(() => void done?.());
        return Promise.resolve() as never;
      },
    });
    const { session, refresh } = setUp({ store: { ...store, set } });
    record(session.refresh$);
    write(tokensOf(7));
    written();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(7) });
    const api = apiOf(session, accepting('access-3'));
    const got = record(api.get$);
    written();
    expect(got.expectOneOutcome()).toMatchObject({ values: ['access-3'] });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(1), tokensOf(7)]);
  });

  it('and tells of it during a refresh leaves the session refreshing, for the same reason', () => {
    const { store, write } = sharedStore();
    const { session } = setUp({ store, refresh: () => NEVER });
    const api = apiOf(session, accepting('access-9'));
    record(api.get$);
    write(tokensOf(7));
    expect(session.state).toStrictEqual({
      status: 'refreshing',
      reason: 'unauthorized',
      tokens: tokensOf(7),
      generation: 2,
      epoch: 0,
    });
  });

  it('and that was emptied signs out: waiters get SessionChangedError', () => {
    const { store, write } = sharedStore();
    const { session, refresh, story } = setUp({ store });
    write(null, true);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', epoch: 1 });
    expect(story()).toContain('signed-out elsewhere');
  });

  it('and that holds garbage or cannot be read is refreshed all the same', () => {
    const get = vi.fn<TokenStore['get']>(() => tokensOf(1));
    const { session, refresh, story } = setUp({ store: { get, set: () => {} } });
    get.mockReturnValueOnce({ oops: true } as unknown as TokenSet);
    expect(record(session.refresh$).settled?.kind).toBe('complete');
    get.mockImplementationOnce(() => {
      throw new Error('locked');
    });
    expect(record(session.refresh$).settled?.kind).toBe('complete');
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(story().filter((it) => it.startsWith('store-failed'))).toEqual([
      'store-failed get TypeError',
      'store-failed get Error',
    ]);
  });

  it('and that cannot be written is not believed to hold newer tokens', () => {
    const store = {
      get: () => tokensOf(1),
      set: () => {
        throw new Error('full');
      },
    };
    const { session, refresh } = setUp({ store });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-2']);
  });
});

describe('changes$', () => {
  it('brings newer tokens of the same owner into force', () => {
    const { store, write } = sharedStore();
    const { session, story } = setUp({ store });
    write(tokensOf(2));
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'tokens-adopted 2']);
  });

  it('signs out and in again', () => {
    const { store, write } = sharedStore();
    const { session, story } = setUp({ store });
    write(null);
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', epoch: 1 });
    write(tokensOf(2));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2), epoch: 2 });
    expect(story()).toEqual(['restored 1', 'signed-out elsewhere', 'signed-in 2']);
  });

  it('that repeats what is known already changes nothing', () => {
    const { store, write } = sharedStore();
    const { session, states } = setUp({ store });
    write(tokensOf(1));
    expect(states.length).toBe(1);
    write(null);
    write(null);
    void session.signIn(tokensOf(3));
    write(tokensOf(3));
    expect(states.map(({ status }) => status)).toEqual(['signed-in', 'signed-out', 'signed-in']);
  });

  it('ends who waits when it signs out', () => {
    const { store, write } = sharedStore();
    const { session, refresh } = setUp({ store, refresh: () => NEVER });
    const api = apiOf(session, accepting());
    const waiting = [record(session.refresh$), record(api.get$)];
    write(null);
    for (const it of waiting) expect(it.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  it('lets those go who are not sent yet, while a refresh of the old token is still running', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = sharedStore();
      const { session } = setUp({ store, refresh: () => after(50, tokensOf(9)) });
      const api = apiOf(session, accepting('access-2', 'access-9'));
      expectObservable(api.get$).toBe('50ms (a|)', { a: 'access-9' });
      at(10, () => {
        write(tokensOf(2));
      });
      expectObservable(api.get$, '20ms ^').toBe('20ms (a|)', { a: 'access-2' });
      flush();
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(9), generation: 3 });
    });
  });

  it('gives those who wait the newer tokens where their refresh is refused for their sake', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = sharedStore();
      const { session, story } = setUp({
        store,
        refresh: () =>
          timer(50).pipe(
            map(() => {
              throw refusal;
            }),
          ),
      });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$).toBe('50ms (a|)', { a: 'access-2' });
      at(10, () => {
        write(tokensOf(2));
      });
      flush();
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
      expect(store.get()).toEqual(tokensOf(2));
      expect(story()).not.toContain('signed-out expired');
    });
  });

  it('whose newer tokens are rejected before the refresh of the former ones has failed has them refreshed next', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = sharedStore();
      let answers = 0;
      const { session, refresh, story } = setUp({
        store,
        refresh: () => ((answers += 1) === 1 ? late(50, answer(503)) : after(20, tokensOf(9))),
        refreshRetries: false,
      });
      const api = apiOf(session, accepting('access-9'));
      expectObservable(api.get$).toBe('70ms (a|)', { a: 'access-9' });
      at(10, () => {
        write(tokensOf(7));
      });
      // Sent with the newer ones, and waits for what is about the former.
      expectObservable(api.get$, '20ms ^').toBe('70ms (a|)', { a: 'access-9' });
      flush();
      expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(1), tokensOf(7)]);
      expect(api.sent).toEqual(['access-1', 'access-7', 'access-9', 'access-9']);
      expect(story()).not.toContain('refresh-failed unavailable');
    });
  });

  const garbage = [undefined, 'text', {}, { accessToken: '' }];
  it.each(garbage)('that brings garbage is reported and ignored: %j', (given) => {
    const { store, changes$ } = sharedStore();
    const { session, states, story } = setUp({ store });
    changes$.next(given as unknown as TokenSet);
    expect([session.state.tokens, states.length]).toEqual([tokensOf(1), 1]);
    expect(story().at(-1)).toBe('store-failed changes$ TypeError');
    changes$.next(tokensOf(2));
    expect(session.state.tokens).toEqual(tokensOf(2));
  });

  it('that fails is reported; the session goes on', () => {
    const { store, changes$ } = sharedStore();
    const { session, story } = setUp({ store });
    changes$.error(new Error('access-1'));
    expect(story()).toEqual(['restored 1', 'store-failed changes$ Error']);
    record(session.refresh$);
    expect(session.state.tokens).toEqual(tokensOf(2));
  });
});
