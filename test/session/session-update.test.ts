import { first, NEVER, of, throwError } from 'rxjs';
import type { Session, SessionOptions, TokenSet, TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { watchUnhandled } from '../support/watch-unhandled.ts';
import { accepting, apiOf, changed, deferred, refusal, settle, setUp, tokensOf } from './fixture.ts';

describe('update', () => {
  it('makes newer tokens current for the same owner, stores them, and emits an event', async () => {
    const { session, store, story } = setUp();
    const { owner } = session.state;
    await session.update(tokensOf(5));
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(5), generation: 2, owner });
    expect(store.get()).toEqual({ ...tokensOf(5), owner });
    expect(story()).toEqual(['restored 1', 'tokens-adopted 2']);
  });

  it('keeps the old refresh token when it is given none', () => {
    const { session } = setUp();
    void session.update({ accessToken: 'access-5' });
    expect(session.state.tokens).toEqual({ accessToken: 'access-5', refreshToken: 'refresh-1' });
  });

  it('releases requests that wait for a refresh that hangs', () => {
    const { session, refresh } = setUp({ refresh: () => NEVER });
    const api = apiOf(session, accepting('access-5'));
    const waiting = [record(api.get$), record(api.get$)];
    void session.update(tokensOf(5));
    expect(waiting.map((request) => request.expectOneOutcome())).toEqual(
      Array(2).fill({ kind: 'complete', values: ['access-5'] }),
    );
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-5'] });
    expect([refresh.mock.calls.length, session.state.status]).toEqual([1, 'refreshing']);
  });

  it('is not undone by a running refresh of the former refresh token', async () => {
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const { session, store, story } = setUp({ refresh: () => answer.promise });
    const waiting = record(session.refresh$);
    void session.update(tokensOf(5));
    answer.resolve(tokensOf(2));
    await settle();
    expect(waiting.values).toEqual([tokensOf(5)]);
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(5) });
    expect(store.get()).toMatchObject(tokensOf(5));
    expect(story()).not.toContain('refresh-succeeded 3');
  });

  it.each<[string, (session: Session) => unknown]>([
    ['signs out', (session) => session.signOut()],
    ['signs in as another', (session) => session.signIn(tokensOf('other'))],
  ])('fails who joined the refresh after it, if a listener %s when that refresh has ended', async (_, leave) => {
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const { session } = setUp({ refresh: () => answer.promise });
    record(session.refresh$);
    void session.update(tokensOf(5));
    const waiting = record(session.refresh$);
    session.state$.pipe(first(({ status }) => status === 'signed-in')).subscribe(() => void leave(session));
    answer.resolve(tokensOf(2));
    await settle();
    expect(waiting.expectOneOutcome()).toMatchObject({ kind: 'error', error: changed });
  });

  it('without a refresh token is replaced by the result of a running refresh, which has rotated the old refresh token', async () => {
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const { session, store } = setUp({ refresh: () => answer.promise });
    record(session.refresh$);
    void session.update({ accessToken: 'access-5' });
    answer.resolve(tokensOf(2));
    await settle();
    expect(session.state.tokens).toEqual(tokensOf(2));
    expect(store.get()).toMatchObject(tokensOf(2));
  });

  it('brings the refresh token that the next refresh presents', () => {
    const { session, refresh } = setUp();
    void session.update(tokensOf(5));
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(5)]);
  });

  it('rejects with SessionChangedError while nobody is signed in, and changes nothing', async () => {
    const set = vi.fn();
    const { session } = setUp({ store: { get: () => null, set } });
    await expect(session.update(tokensOf(5))).rejects.toMatchObject({ name: 'SessionChangedError' });
    expect([session.state.tokens, set.mock.calls]).toEqual([null, []]);
  });

  it('rejects while nobody is signed in without an unhandled rejection if the app ignores its promise', async () => {
    const watch = watchUnhandled({ alone: true });
    void setUp({ initial: null }).session.update(tokensOf(5));
    await watch.check().finally(watch.stop);
  });

  it('throws at the call for what is no token set', () => {
    const { session } = setUp();
    expect(() => session.update({ access_token: 'x' } as never)).toThrow('update() takes { accessToken');
  });

  it('does not change the owner, and neither does a refresh; the next signIn() does', () => {
    const { session, states } = setUp({ refresh: () => of(tokensOf(2)) });
    void session.update(tokensOf(5));
    record(session.refresh$);
    expect(new Set(states.map(({ owner }) => owner))).toEqual(new Set(['unnamed']));
    void session.signIn(tokensOf(9));
    expect(session.state.owner).toMatch(/^[a-z0-9]{10,}$/);
  });
});

describe('an update while a slow store writes what a refresh brought', () => {
  const slowly = async (update: TokenSet, given?: Pick<SessionOptions, 'refresh'>) => {
    const held: { value: TokenSet | null } = { value: tokensOf(1) };
    const writes: { readonly tokens: TokenSet | null; readonly end: () => void }[] = [];
    const set: TokenStore['set'] = (tokens) =>
      new Promise((resolve) => {
        writes.push({
          tokens,
          end: () => {
            held.value = tokens;
            resolve();
          },
        });
      });
    const { session, story } = setUp({ store: { get: () => held.value, set }, ...given });
    const refreshed = record(session.refresh$);
    await settle();
    void session.update(update);
    for (let write = writes.shift(); write; write = writes.shift()) {
      write.end();
      await settle();
    }
    return { session, refreshed, held, story };
  };

  it('counts if it has a refresh token of its own', async () => {
    const { session, refreshed, held, story } = await slowly(tokensOf(5));
    expect(refreshed.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(5)] });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(5) });
    expect(held.value).toMatchObject(tokensOf(5));
    expect(story().filter((event) => event.startsWith('refresh-'))).toEqual(['refresh-started requested 1']);
  });

  it('is replaced if its refresh token is the one that the refresh has spent', async () => {
    const { session, refreshed, held } = await slowly({ accessToken: 'access-5' });
    expect(refreshed.expectOneOutcome().kind).toBe('complete');
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2) });
    expect(held.value).toMatchObject(tokensOf(2));
  });

  it('keeps the session if the refresh was refused and the store was being emptied', async () => {
    const { session, held } = await slowly(tokensOf(5), { refresh: () => throwError(() => refusal) });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(5) });
    expect(held.value).toMatchObject(tokensOf(5));
  });
});
