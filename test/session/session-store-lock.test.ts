import { NEVER, of, Subject, throwError } from 'rxjs';
import { memoryStore, type SessionOptions, type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, deferred, refusal, settle, setUp, tokensOf, unauthorized } from './fixture.ts';

describe('a store with a lock', () => {
  /** Mutual exclusion among all who share it, as the Web Locks API gives it. */
  function locked(initial: TokenSet | null = tokensOf(1)) {
    let tail: Promise<unknown> = Promise.resolve();
    const log: string[] = [];
    const store: TokenStore = {
      ...memoryStore(initial),
      lock: (work) => {
        const run = tail.then(async () => {
          log.push('locked');
          try {
            return await work();
          } finally {
            log.push('released');
          }
        });
        tail = run.catch(() => undefined);
        return run;
      },
    };
    return { store, log, hold: (work: () => Promise<void>) => store.lock!(work) };
  }

  it('is locked from before it is read again until the new tokens are written', async () => {
    const { store, log } = locked();
    const { session } = setUp({
      store: {
        ...store,
        get: () => (log.push('get'), store.get()),
        set: (tokens) => (log.push('set'), store.set(tokens)),
      },
      refresh: () => (log.push('refresh'), of(tokensOf(2))),
    });
    log.length = 0;
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    await settle();
    expect(log).toEqual(['locked', 'get', 'refresh', 'set', 'released']);
  });

  it('lets one of two holders refresh, and the other adopt', async () => {
    const { store } = locked();
    const refresh: SessionOptions['refresh'] = async () => tokensOf(2);
    const [one, two] = [setUp({ store, refresh }), setUp({ store, refresh })];
    const outcomes = await Promise.all([record(one.session.refresh$).outcome, record(two.session.refresh$).outcome]);
    expect(outcomes).toEqual([1, 2].map(() => ({ kind: 'complete', values: [tokensOf(2)] })));
    expect([one.refresh.mock.calls.length, two.refresh.mock.calls.length]).toEqual([1, 0]);
    expect(two.story()).toEqual(['restored 1', 'refresh-started requested 1', 'tokens-adopted 2']);
  });

  it('lets who is told of newer tokens while it waits for the lock adopt them: what they replaced is used up', async () => {
    const { store, hold } = locked();
    const changes$ = new Subject<TokenSet | null>();
    const { session, refresh, story } = setUp({ store: { ...store, changes$ } });
    const held = deferred<undefined>();
    void hold(() => held.promise);
    const got = record(session.refresh$);
    await settle();
    void store.set(tokensOf(7));
    changes$.next(tokensOf(7));
    expect(session.state).toMatchObject({ status: 'refreshing', generation: 2 });
    held.resolve(undefined);
    expect(await got.outcome).toEqual({ kind: 'complete', values: [tokensOf(7)] });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(7), generation: 2, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'tokens-adopted 2']);
  });

  it('refreshes those where they have been rejected meanwhile, too', async () => {
    const { store, hold } = locked();
    const changes$ = new Subject<TokenSet | null>();
    const { session, refresh } = setUp({ store: { ...store, changes$ } });
    const held = deferred<undefined>();
    void hold(() => held.promise);
    record(session.refresh$);
    await settle();
    void store.set(tokensOf(7));
    changes$.next(tokensOf(7));
    const got = record(apiOf(session, accepting('access-2')).get$);
    held.resolve(undefined);
    expect(await got.outcome).toEqual({ kind: 'complete', values: ['access-2'] });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });

  it('makes the second wait for the first, as long as that takes', async () => {
    const { store, hold } = locked();
    const held = deferred<undefined>();
    void hold(() => held.promise);
    const { session, refresh } = setUp({ store });
    const waiting = record(session.refresh$);
    await settle();
    expect([refresh.mock.calls.length, waiting.settled, session.state.status]).toEqual([0, undefined, 'refreshing']);
    void store.set(tokensOf(7));
    held.resolve(undefined);
    expect(await waiting.outcome).toEqual({ kind: 'complete', values: [tokensOf(7)] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each<[string, TokenSet | null]>([
    ['signOut', null],
    ['signIn', tokensOf('other')],
  ])('lets %s end who waits for it, at once, and does nothing for them when it is granted', async (_title, tokens) => {
    const { store, hold } = locked();
    const held = deferred<undefined>();
    void hold(() => held.promise);
    const { session, refresh } = setUp({ store });
    const waiting = record(session.refresh$);
    await settle();
    await (tokens ? session.signIn(tokens) : session.signOut());
    expect(waiting.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    held.resolve(undefined);
    await settle();
    expect(refresh).not.toHaveBeenCalled();
    expect([session.state.tokens, store.get()]).toEqual([tokens, tokens]);
  });

  it('lets a change of owner end the refresh that holds it, at once; the next owner refreshes anew', async () => {
    const { store } = locked();
    const { session, refresh } = setUp({ store, refresh: () => NEVER });
    const former = record(session.refresh$);
    await settle();
    expect(refresh).toHaveBeenCalledTimes(1);
    void session.signIn(tokensOf('other'));
    expect(former.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    refresh.mockImplementation(async () => tokensOf(2));
    const next = record(session.refresh$);
    expect(await next.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-other']);
    await settle();
    expect(store.get()).toEqual(tokensOf(2));
  });

  it('passes on how the refresh failed, once, and leaves no rejection behind', async () => {
    const { store, log } = locked();
    const { session } = setUp({ store, refresh: () => Promise.reject(refusal) });
    const all = [record(session.refresh$), record(session.refresh$)];
    for (const one of all) expect(await one.outcome).toMatchObject({ error: { name: 'SessionExpiredError' } });
    await settle();
    expect([session.state.status, store.get(), log]).toEqual(['signed-out', null, ['locked', 'released']]);
  });

  it('passes on a timeout', async () => {
    const { store } = locked();
    const { session } = setUp({ store, refresh: () => NEVER, refreshTimeoutMs: 5 });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'timeout' } });
  });

  it('serves a thousand requests with one refresh', async () => {
    const { store } = locked();
    const { session, refresh } = setUp({ store, refresh: async () => tokensOf(2) });
    const api = apiOf(session, (token) =>
      token === 'access-2' ? Promise.resolve(token) : Promise.reject(unauthorized),
    );
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => record(api.get$).outcome));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['complete']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is not waited for by whom a listener of the refresh has signed out', () => {
    const lock: TokenStore['lock'] = () => new Promise(() => undefined);
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-started') void session.signOut();
    });
    expect(record(session.refresh$).settled).toMatchObject({ error: { name: 'SessionChangedError' } });
  });

  it.each(['succeeds', 'fails'])(
    'and that is granted when patience has ended starts no other refresh: one that %s',
    (how) => {
      marbles(({ flush }) => {
        let grant: (() => unknown) | undefined;
        const lock: TokenStore['lock'] = (work) => {
          grant = work;
          return new Promise(() => undefined);
        };
        const { session, refresh } = setUp({
          store: { ...memoryStore(tokensOf(1)), lock },
          refreshTimeoutMs: 50,
          refreshRetries: false,
          refresh: () => (how === 'fails' ? throwError(() => answer(503)) : of(tokensOf(2))),
        });
        record(session.refresh$);
        flush();
        expect(refresh).toHaveBeenCalledOnce();
        void Promise.resolve(grant?.()).catch(() => undefined);
        flush();
        expect(refresh).toHaveBeenCalledOnce();
      });
    },
  );
});
