import { asyncScheduler, NEVER, Subject } from 'rxjs';
import type { TokenSet, TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { at, deferred, refusal, settle, setUp, tokensOf, after } from './fixture.ts';

describe('a refresh that takes too long', () => {
  it('fails as timeout, aborts the signal and unsubscribes', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const silent = cold<TokenSet>('-');
      const { session, refresh, story } = setUp({ refresh: () => silent, refreshTimeoutMs: 20 });
      const one = record(session.refresh$);
      let aborted: boolean | undefined;
      at(19, () => (aborted = refresh.mock.calls[0]?.[1].signal.aborted));
      flush();
      expectSubscriptions(silent.subscriptions).toBe('^ 19ms !');
      expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError', reason: 'timeout' } });
      expect([aborted, refresh.mock.calls[0]?.[1].signal.aborted]).toEqual([false, true]);
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, owner: 'unnamed' });
      expect(story().at(-1)).toBe('refresh-failed timeout');
      expect(asyncScheduler.now()).toBe(20);
    });
  });

  it('ends after 30 seconds by default', () => {
    marbles(({ expectObservable }) => {
      const { session } = setUp({ refresh: () => NEVER });
      expectObservable(session.refresh$).toBe('30s #', undefined, expect.objectContaining({ reason: 'timeout' }));
    });
  });

  it('is never ended with Infinity, and sets no timer', () => {
    marbles(({ flush }) => {
      const tokens$ = new Subject<TokenSet>();
      const { session } = setUp({ refresh: () => tokens$, refreshTimeoutMs: Infinity });
      const waiting = record(session.refresh$);
      flush();
      expect([waiting.settled, asyncScheduler.now()]).toEqual([undefined, 0]);
      tokens$.next(tokensOf(2));
      expect(waiting.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    });
  });

  it('has no timer left when it ends in time', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => after(10) });
      record(session.refresh$);
      flush();
      expect(asyncScheduler.now()).toBe(10);
    });
  });

  it('can be tried again afterwards', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refreshTimeoutMs: 20 });
      refresh.mockReturnValueOnce(NEVER);
      record(session.refresh$);
      flush();
      expect(record(session.refresh$).settled).toMatchObject({ kind: 'complete' });
    });
  });

  const late = async (
    meanwhile: (session: ReturnType<typeof setUp>['session']) => void,
    tokens: unknown = tokensOf(2),
  ) => {
    const answered = deferred<TokenSet>();
    const revoke = vi.fn(() => []);
    const all = setUp({ refresh: () => answered.promise, refreshTimeoutMs: 5, revoke });
    expect(await record(all.session.refresh$).outcome).toMatchObject({ error: { reason: 'timeout' } });
    meanwhile(all.session);
    revoke.mockClear();
    answered.resolve(tokens as TokenSet);
    await settle();
    return { ...all, revoke };
  };

  it('has its late tokens used and stored, because the server may have rotated', async () => {
    const { session, store, story, revoke } = await late(() => {});
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: 'unnamed' });
    expect(store.get()).toMatchObject(tokensOf(2));
    expect(story().slice(-2)).toEqual(['refresh-failed timeout', 'refresh-succeeded 2']);
    expect(revoke).not.toHaveBeenCalled();
  });

  it('restores a cookie session by late tokens', async () => {
    const answered = deferred<TokenSet>();
    const { session, states } = setUp({
      initial: null,
      canRefresh: () => true,
      refresh: () => answered.promise,
      refreshTimeoutMs: 5,
    });
    await record(session.refresh$).outcome;
    expect(session.state.status).toBe('signed-out');
    answered.resolve(tokensOf(2));
    await settle();
    expect(session.state).toEqual({
      status: 'signed-in',
      tokens: tokensOf(2),
      generation: 1,
      owner: expect.any(String),
    });
    expect(states.at(-1)).toBe(session.state);
  });

  it('keeps the old refresh token when the late tokens have none', async () => {
    const { session } = await late(() => {}, { accessToken: 'access-2' });
    expect(session.state.tokens).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  it.each<[string, (session: ReturnType<typeof setUp>['session']) => void, TokenSet | null]>([
    ['sign-out', (session) => void session.signOut(), null],
    ['another sign-in', (session) => void session.signIn(tokensOf('other')), tokensOf('other')],
  ])('has its late tokens revoked and not stored after %s', async (_title, meanwhile, held) => {
    const { session, store, revoke } = await late(meanwhile);
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    expect([session.state.tokens, store.get()]).toMatchObject([held, held]);
  });

  it('has its late tokens revoked after dispose', async () => {
    const { session, store, revoke } = await late((it) => {
      it.dispose();
    });
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    expect([session.state.tokens, store.get()]).toMatchObject([null, tokensOf(1)]);
  });

  it('has its late tokens used after an update() that left the presented refresh token, which is spent now', async () => {
    const { session, store } = await late((it) => void it.update({ accessToken: 'access-5' }));
    expect(session.state.tokens).toEqual(tokensOf(2));
    expect(store.get()).toMatchObject(tokensOf(2));
  });

  it('has its late tokens dropped after an update() of tokens without a refresh token, which are newer', async () => {
    const answered = deferred<TokenSet>();
    const { session } = setUp({
      initial: { accessToken: 'access-1' },
      canRefresh: () => true,
      refresh: () => answered.promise,
      refreshTimeoutMs: 5,
    });
    await record(session.refresh$).outcome;
    void session.update({ accessToken: 'access-5' });
    answered.resolve({ accessToken: 'access-2' });
    await settle();
    expect(session.state.tokens).toEqual({ accessToken: 'access-5' });
  });

  it('has its late tokens revoked if somebody signs out while they are stored', async () => {
    const revoke = vi.fn(() => []);
    const answered = deferred<TokenSet>();
    const set = vi.fn<TokenStore['set']>();
    const { session } = setUp({
      refresh: () => answered.promise,
      refreshTimeoutMs: 5,
      revoke,
      store: { get: () => tokensOf(1), set },
    });
    await record(session.refresh$).outcome;
    set.mockImplementationOnce(() => void session.signOut());
    answered.resolve(tokensOf(2));
    await settle();
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
    expect(revoke.mock.calls).toEqual([[tokensOf(1)], [tokensOf(2)]]);
  });

  it.each([null, {}, 'text'])('has a late invalid result ignored: %j', async (garbage) => {
    const { session, revoke } = await late(() => {}, garbage);
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1), generation: 1 });
    expect(revoke).not.toHaveBeenCalled();
  });

  it('has a late failure ignored', async () => {
    const answered = deferred<TokenSet>();
    const { session, events } = setUp({ refresh: () => answered.promise, refreshTimeoutMs: 5 });
    await record(session.refresh$).outcome;
    const before = events.length;
    answered.reject(refusal);
    await settle();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    expect(events.length).toBe(before);
  });

  it('does not revoke late tokens that newer ones of the same owner have overtaken', async () => {
    const answered = deferred<TokenSet>();
    const revoke = vi.fn(() => []);
    const { session, refresh } = setUp({ refresh: async () => tokensOf(3), refreshTimeoutMs: 5, revoke });
    refresh.mockReturnValueOnce(answered.promise);
    await record(session.refresh$).outcome;
    await record(session.refresh$).outcome;
    answered.resolve(tokensOf(2));
    await settle();
    expect(session.state).toMatchObject({ tokens: tokensOf(3), generation: 2 });
    expect(revoke).not.toHaveBeenCalled();
  });

  it('has its late tokens used by a second refresh that is refused because of them', async () => {
    const [first, second] = [deferred<TokenSet>(), deferred<TokenSet>()];
    const { session, refresh, store } = setUp({ refreshTimeoutMs: 5 });
    refresh.mockReturnValueOnce(first.promise);
    await record(session.refresh$).outcome;
    refresh.mockReturnValueOnce(second.promise);
    const waiting = record(session.refresh$);
    first.resolve(tokensOf(2));
    await Promise.resolve();
    await Promise.resolve();
    expect(session.state).toMatchObject({ status: 'refreshing', tokens: tokensOf(2), generation: 2 });
    second.reject(refusal);
    expect(await waiting.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: 'unnamed' });
    expect(store.get()).toMatchObject(tokensOf(2));
  });
});
