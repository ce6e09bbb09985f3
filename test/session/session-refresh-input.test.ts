import { EMPTY, Observable, of, throwError } from 'rxjs';
import { RefreshFailedError, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer, settle, setUp, tokensOf } from './fixture.ts';

describe('the app’s `refresh`', () => {
  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['an observable', () => of(tokensOf(2))],
    ['an observable of several values, of which the first counts', () => of(tokensOf(2), tokensOf(3))],
    ['an array', () => [tokensOf(2)]],
    ['a generator', () => [tokensOf(2)].values()],
  ])('may return %s', (_title, refresh) => {
    const { session } = setUp({ refresh });
    expect(record(session.refresh$).expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['a promise', async () => tokensOf(2)],
    ['a thenable', () => ({ then: (...h) => Promise.resolve(tokensOf(2)).then(...h) }) as PromiseLike<TokenSet>],
    [
      'an async generator',
      async function* () {
        yield tokensOf(2);
      },
    ],
  ])('may return %s', async (_title, refresh) => {
    const { session } = setUp({ refresh });
    const recording = record(session.refresh$);
    expect(await recording.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(recording.expectOneOutcome().kind).toBe('complete');
  });

  it('presents the refresh token once when it returns a lazy promise, which makes its request in `then`', async () => {
    const send = vi.fn(() => Promise.resolve(tokensOf(2)));
    const lazy: PromiseLike<TokenSet> = { then: (...handlers) => send().then(...handlers) };
    const { session } = setUp({ refresh: () => lazy });
    const recording = record(session.refresh$);
    await settle();
    expect(recording.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(send).toHaveBeenCalledOnce();
  });

  it('is unsubscribed after its first value, and its signal is not aborted', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const tokens$ = cold('--a--b', { a: tokensOf(2), b: tokensOf(3) });
      const { session, refresh, story } = setUp({ refresh: () => tokens$ });
      record(session.refresh$);
      flush();
      expectSubscriptions(tokens$.subscriptions).toBe('^-!');
      expect(session.state.tokens).toEqual(tokensOf(2));
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
      expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-succeeded 2']);
    });
  });

  it('keeps the old refresh token when it gives none', () => {
    const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-2' }) });
    record(session.refresh$);
    expect(session.state.tokens).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
    expect(store.get()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  const garbage = [undefined, null, 'access-2', {}, { accessToken: '' }, { access_token: 'access-2' }, 7];
  it.each([
    ['completes empty', () => EMPTY],
    ['gives an empty array', () => []],
    ...garbage.map((value): [string, () => unknown] => [`gives ${JSON.stringify(value)}`, () => of(value)]),
  ])('fails as invalid-response when it %s', (_title, refresh) => {
    const { session, story, store } = setUp({ refresh: refresh as () => Observable<TokenSet> });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({
      kind: 'error',
      error: { name: 'RefreshFailedError', reason: 'invalid-response' },
    });
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, owner: 'unnamed' });
    expect(store.get()).toMatchObject(tokensOf(1));
    expect(story().at(-1)).toBe('refresh-failed invalid-response');
  });

  it.each(garbage)('fails as invalid-response when it promises %j', async (value) => {
    const { session } = setUp({ refresh: () => Promise.resolve(value as unknown as TokenSet) });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'invalid-response' } });
  });

  it.each([undefined, null, 7, {}])(
    'fails as misconfigured when it returns %j, which is neither a promise nor an Observable',
    (value) => {
      const { session } = setUp({ refresh: () => value as Observable<TokenSet> });
      expect(record(session.refresh$).expectOneOutcome()).toMatchObject({
        kind: 'error',
        error: { name: 'RefreshFailedError', reason: 'misconfigured' },
      });
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    },
  );

  it.each<[string, (error: Error) => ReturnType<SessionOptions['refresh']>]>([
    [
      'throws synchronously',
      (error) => {
        throw error;
      },
    ],
    ['gives an observable that fails', (error) => throwError(() => error)],
  ])('keeps the session when it %s', (_title, fail) => {
    const cause = new Error('offline');
    const { session, refresh, story } = setUp({ refresh: () => fail(cause) });
    const { error } = record(session.refresh$).expectOneOutcome() as { error: RefreshFailedError };
    expect(error).toBeInstanceOf(RefreshFailedError);
    expect([error.reason, error.cause]).toEqual(['unavailable', cause]);
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, owner: 'unnamed' });
    expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-failed unavailable']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('keeps the session when its promise is rejected', async () => {
    const cause = new Error('offline');
    const { session, refresh } = setUp({ refresh: () => Promise.reject(cause) });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'unavailable', cause } });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('causes no unhandled error when it fails without a subscriber', async () => {
    const { session, story } = setUp({ refresh: () => Promise.reject(new Error('offline')) });
    record(session.refresh$).unsubscribe();
    await settle();
    expect(story().at(-1)).toBe('refresh-failed unavailable');
  });

  it('may sign out itself: its result is discarded', async () => {
    const revoke = vi.fn(() => []);
    const all = setUp({
      refresh: async () => {
        void all.session.signOut();
        return tokensOf(2);
      },
      revoke,
    });
    expect(await record(all.session.refresh$).outcome).toMatchObject({ error: { name: 'SessionChangedError' } });
    await settle();
    expect([all.session.state.tokens, all.store.get()]).toEqual([null, null]);
    expect(revoke.mock.calls).toEqual([[tokensOf(1)], [tokensOf(2)]]);
  });

  it('keeps the session when its client is misconfigured', () => {
    const cause = answer(401, {}, { error: 'invalid_client' });
    const { session } = setUp({ refresh: () => throwError(() => cause) });
    expect(record(session.refresh$).settled).toMatchObject({ error: { reason: 'misconfigured', cause } });
    expect(session.state.status).toBe('signed-in');
  });
});

describe('a refresh that gives the same token again', () => {
  it('succeeds when that token was not rejected', () => {
    const { session } = setUp({ refresh: () => of(tokensOf(1)) });
    expect(record(session.refresh$).settled).toEqual({ kind: 'complete', values: [tokensOf(1)] });
  });
});
