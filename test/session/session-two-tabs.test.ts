import { of, throwError } from 'rxjs';
import { memoryStore, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, changed, deferred, refusal, settle, setUp, tokensOf, unauthorized } from './fixture.ts';

/** Tokens with their owner, as a store keeps them that several tabs use. */
const owned = (n: number | string, owner = 'ada') => tokensOf(n, { owner });

describe('two tabs on a plain TokenStore (one that sharedStore did not make)', () => {
  it('share the winner’s tokens: the loser of a simultaneous refresh adopts the tokens, and leaves them in the store', async () => {
    const store = memoryStore(owned(1));
    const { session, story } = setUp({
      store,
      refresh: () => {
        void store.set(owned(7));
        return throwError(() => refusal);
      },
    });
    const api = apiOf(session, accepting('access-7'));
    expect(await record(api.get$).outcome).toEqual({ kind: 'complete', values: ['access-7'] });
    expect(session.state).toMatchObject({ status: 'signed-in', owner: 'ada', tokens: tokensOf(7) });
    expect(store.get()).toEqual(owned(7));
    expect(story()).not.toContain('signed-out expired');
  });

  it('empty the store by a refusal when it still contains what was presented', () => {
    const store = memoryStore(owned(1));
    const { session } = setUp({ store, refresh: () => throwError(() => refusal) });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect([store.get(), session.state.reason]).toEqual([null, 'expired']);
  });

  it('adopt newer tokens of the same owner instead of refreshing', () => {
    const store = memoryStore(owned(1));
    const { session, refresh } = setUp({ store });
    void store.set(owned(7));
    const api = apiOf(session, accepting('access-7'));
    expect(record(api.get$).values).toEqual(['access-7']);
    expect([refresh.mock.calls, session.state.owner]).toEqual([[], 'ada']);
  });

  it('adopt a rotated refresh token when the access token is the same', () => {
    const store = memoryStore(owned(1));
    const { session, refresh } = setUp({ store });
    void store.set({ ...owned(1), refreshToken: 'refresh-rotated' });
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$).values).toEqual(['access-2']);
    expect(refresh.mock.calls.map(([current]) => current?.refreshToken)).toEqual(['refresh-rotated']);
  });

  it.each<[string, TokenStore]>([
    ['names another owner', memoryStore(owned(1))],
    ['names no owner', memoryStore(tokensOf(1))],
  ])(
    'fail waiting requests with SessionChangedError when the store %s: none is sent as another person',
    async (_what, store) => {
      const { session, refresh, story } = setUp({ store });
      const { owner } = session.state;
      void store.set('owner' in (store.get() as object) ? owned(7, 'bob') : tokensOf(7));
      const answered = deferred<undefined>();
      const api = apiOf(session, async (token) => {
        await answered.promise;
        if (token !== 'access-7') throw unauthorized;
        return token;
      });
      const requests = [record(api.get$), record(api.get$)];
      answered.resolve(undefined);
      await settle();
      for (const request of requests) expect(request.settled).toMatchObject({ error: changed });
      expect(api.sent).toEqual(['access-1', 'access-1']);
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(7) });
      expect(session.state.owner).not.toBe(owner);
      expect(refresh).not.toHaveBeenCalled();
      expect(story()).toContain('signed-in 2');
      expect(await record(api.get$).outcome).toMatchObject({ values: ['access-7'] });
    },
  );

  it('treat tokens without an owner as the same person’s when ownerOf says so, and as another’s otherwise', () => {
    const store = memoryStore({ accessToken: 'ada.1', refreshToken: 'a' });
    const setUpWith = () => setUp({ store, ownerOf: ({ accessToken }) => accessToken.split('.')[0] });
    const { session } = setUpWith();
    const { owner } = session.state;
    void store.set({ accessToken: 'ada.2', refreshToken: 'b' });
    record(session.refresh$);
    expect(session.state).toMatchObject({ owner, tokens: { accessToken: 'ada.2' } });
    void store.set({ accessToken: 'bob.1', refreshToken: 'c' });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: changed });
    expect(session.state.owner).not.toBe(owner);
  });

  it('keep the owner over a reload when the store keeps the whole token set', async () => {
    const store = memoryStore();
    const { session } = setUp({ store });
    await session.signIn(tokensOf(1));
    record(session.refresh$);
    const reloaded = setUp({ store });
    expect(reloaded.session.state).toMatchObject({ owner: session.state.owner, tokens: tokensOf(2) });
    expect(reloaded.session.state.tokens).not.toHaveProperty('owner');
  });

  it('sign out together when one of them has emptied the store', () => {
    const store = memoryStore(owned(1));
    const { session, refresh } = setUp({ store });
    void store.set(null);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: changed });
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' });
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a failed write to a plain TokenStore (one that sharedStore did not make)', () => {
  it('removes the old entry and is tried once more: no spent refresh token stays', () => {
    let held: unknown = owned(1);
    const set = vi.fn<TokenStore['set']>((tokens) => {
      if (tokens && held) throw new DOMException('full', 'QuotaExceededError');
      held = tokens;
    });
    const { session, story } = setUp({ store: { get: () => held as never, set } });
    record(session.refresh$);
    expect(held).toEqual(owned(2));
    expect(story().at(-1)).toBe('refresh-succeeded 2');
    expect(story().join()).not.toContain('store-failed');
  });

  it('does not let the store outrank newer tokens in memory: neither a write that seemed to fail nor an older one', () => {
    let held: unknown = owned(1);
    let isFull = false;
    const set: TokenStore['set'] = (tokens) => {
      if (isFull) throw new Error('full');
      held = tokens;
      isFull = true;
      throw new Error('reported as failed, but it landed');
    };
    let n = 1;
    const { session, refresh } = setUp({ store: { get: () => held as never, set }, refresh: () => of(tokensOf(++n)) });
    record(session.refresh$);
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current?.refreshToken)).toEqual([
      'refresh-1',
      'refresh-2',
      'refresh-3',
    ]);
    expect(session.state.tokens).toEqual(tokensOf(4));
  });

  it('does not bring back a former person’s entry when the next sign-in could not be stored', () => {
    const set: TokenStore['set'] = () => {
      throw new Error('read only');
    };
    const { session, refresh } = setUp({ store: { get: () => owned(1), set } });
    void session.signIn(tokensOf(5));
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(5)]);
    expect(session.state.owner).not.toBe('ada');
  });
});

it('a sign-in by a listener of `signed-out` stays in a slow store that a refused refresh empties', async () => {
  const store = memoryStore(owned(1));
  const write = deferred<undefined>();
  const slow: TokenStore = {
    get: () => store.get(),
    set: (tokens) => write.promise.then(() => store.set(tokens)),
  };
  const { session } = setUp({ store: slow, refresh: () => throwError(() => refusal) });
  session.events$.subscribe(({ type }) => {
    if (type === 'signed-out') void session.signIn(tokensOf('other'));
  });
  record(session.refresh$);
  write.resolve(undefined);
  await settle();
  await settle();
  expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
  expect(store.get()).toMatchObject(tokensOf('other'));
});
