import { firstValueFrom, NEVER, of } from 'rxjs';
import {
  createSessionPool,
  memoryStore,
  retryOnUnauthorized,
  type Session,
  type SessionOptions,
  type SessionPoolOptions,
  type TokenSet,
  type TokenStore,
} from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { deferred, tokensOf } from './fixture.ts';

const minute = 60_000;

const poolOf = (options: Partial<SessionPoolOptions> & { readonly session?: Partial<SessionOptions> } = {}) => {
  const { session, ...rest } = options;
  const create = vi.fn<(key: string) => SessionOptions>(() => ({ refresh: () => of(tokensOf(2)), ...session }));
  return { pool: createSessionPool({ create, idleMs: 5 * minute, ...rest }), create };
};

describe('createSessionPool', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());
  const pass = (ms: number): void => {
    vi.setSystemTime(Date.now() + ms);
  };

  it('makes one session for each key', () => {
    const { pool, create } = poolOf();
    expect(pool.of('ada')).toBe(pool.of('ada'));
    expect(pool.of('bob')).not.toBe(pool.of('ada'));
    expect([create.mock.calls.flat(), pool.size]).toEqual([['ada', 'bob'], 2]);
  });

  it('disposes of a session for which `of()` was not called during idleMs', () => {
    const { pool } = poolOf();
    const ada = pool.of('ada');
    pass(4 * minute);
    pool.of('bob');
    pass(minute);
    expect([pool.size, ada.state.status]).toEqual([1, 'disposed']);
    pass(3 * minute);
    pool.of('bob');
    pass(4 * minute);
    expect(pool.size).toBe(1);
  });

  it('disposes of idle sessions when it makes another, also if nothing reads its size', () => {
    const { pool } = poolOf();
    const ada = pool.of('ada');
    pass(6 * minute);
    pool.of('bob');
    expect(ada.state.status).toBe('disposed');
  });

  it('reports nothing while it has no more than `max` sessions', () => {
    const { pool } = poolOf({ max: 2 });
    const events = record(pool.events$);
    for (const key of ['ada', 'bob', 'ada', 'eve']) pool.of(key);
    expect([pool.size, events.values]).toEqual([2, []]);
  });

  it('does not report again that it has too many when it gives a known session', () => {
    const { pool } = poolOf({ max: 1 });
    const busy = ['ada', 'bob'].map((key) => {
      const its = pool.of(key);
      record(its.state$);
      return its;
    });
    const events = record(pool.events$);
    expect(pool.of('ada')).toBe(busy[0]);
    expect([pool.size, events.values]).toEqual([2, []]);
  });

  it('keeps the tokens of a person whose session it has disposed of', async () => {
    const { pool } = poolOf();
    await pool.of('ada').signIn(tokensOf(1));
    const { owner } = pool.of('ada').state;
    pass(6 * minute);
    expect(pool.size).toBe(0);
    expect(pool.of('ada').state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1), owner });
  });

  it.each([0, 6 * minute])(
    'makes a new session with the tokens %s ms after the app disposed of the old one',
    async (ms) => {
      const { pool } = poolOf();
      await pool.of('ada').signIn(tokensOf(1));
      pool.of('ada').dispose();
      pass(ms);
      pool.of('bob');
      expect(pool.of('ada').state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    },
  );

  it('keeps nothing of a person who has signed out', async () => {
    const { pool } = poolOf();
    await pool.of('ada').signIn(tokensOf(1));
    await pool.of('ada').signOut();
    pass(6 * minute);
    expect(pool.size).toBe(0);
    expect(pool.of('ada').state).toMatchObject({ status: 'signed-out' });
  });

  it('leaves the tokens to the store that `create` names', async () => {
    const stores = new Map<string, TokenStore>();
    const own = createSessionPool({
      idleMs: 0,
      create: (key) => {
        const store = stores.get(key) ?? memoryStore();
        stores.set(key, store);
        return { refresh: () => NEVER, store };
      },
    });
    await own.of('ada').signIn(tokensOf(1));
    vi.setSystemTime(Date.now() + 1);
    expect(own.size).toBe(0);
    expect(own.of('ada').state.tokens).toEqual(tokensOf(1));
    expect(stores.get('ada')?.get()).toMatchObject(tokensOf(1));
  });

  it.each<[string, (pool: ReturnType<typeof poolOf>['pool']) => unknown]>([
    ['a subscriber of state$', (pool) => pool.of('ada').state$.subscribe()],
    ['a refresh in flight', (pool) => record(pool.of('ada').refresh$)],
    ['a request under way', (pool) => record(NEVER.pipe(retryOnUnauthorized(pool.of('ada'))))],
  ])('never disposes of a session with %s', async (_what, use) => {
    const { pool } = poolOf({ max: 1, session: { refresh: () => NEVER } });
    await pool.of('ada').signIn(tokensOf(1));
    const ada = pool.of('ada');
    use(pool);
    pass(60 * minute);
    pool.of('bob');
    expect(ada.state.status).not.toBe('disposed');
    expect(pool.of('ada')).toBe(ada);
  });

  it.each<[string, (session: Session) => unknown, string]>([
    ['signIn()', (session) => session.signIn(tokensOf(2)), 'access-2'],
    ['update()', (session) => session.update(tokensOf(2)), 'access-2'],
    ['signOut()', (session) => session.signOut(), 'signed-out'],
  ])(
    'never disposes of a session while %s writes to its store, which a new session would read',
    async (_call, change, then) => {
      const written = deferred<null>();
      let held: TokenSet | null = tokensOf(1);
      const store: TokenStore = {
        get: () => held,
        set: (tokens) =>
          written.promise.then(() => {
            held = tokens;
          }),
      };
      const { pool } = poolOf({ max: 1, session: { store } });
      const writing = change(pool.of('ada'));
      pool.of('bob');
      const { status, tokens } = pool.of('ada').state;
      expect(tokens?.accessToken ?? status).toBe(then);
      written.resolve(null);
      await writing;
      pass(6 * minute);
      expect(pool.size).toBe(0);
    },
  );

  it('counts the idle time of a session from when it was last found in use, not from its last of()', () => {
    const { pool } = poolOf();
    const ada = pool.of('ada');
    const watching = ada.state$.subscribe();
    const request = record(NEVER.pipe(retryOnUnauthorized(ada)));
    pass(6 * minute);
    pool.of('bob');
    watching.unsubscribe();
    request.unsubscribe();
    pool.of('bob');
    expect(ada.state.status).toBe('signed-out');
    pass(4 * minute);
    pool.of('bob');
    expect(ada.state.status).toBe('signed-out');
    pass(minute);
    pool.of('bob');
    expect(ada.state.status).toBe('disposed');
  });

  it('looks at each session in use once when idleMs is 0', () => {
    const { pool } = poolOf({ idleMs: 0 });
    for (const key of ['ada', 'bob']) pool.of(key).state$.subscribe();
    expect(pool.size).toBe(2);
  });

  it('disposes only of the longest idle session when `max` is exceeded', () => {
    const { pool } = poolOf({ max: 2 });
    const [ada, bob] = [pool.of('ada'), pool.of('bob')];
    pool.of('ada');
    pool.of('eve');
    expect([ada.state.status, bob.state.status, pool.size]).toEqual(['signed-out', 'disposed', 2]);
  });

  it('grows beyond `max` and reports it when all sessions are in use', () => {
    const { pool } = poolOf({ max: 2 });
    const events = record(pool.events$);
    for (const key of ['ada', 'bob', 'eve']) pool.of(key).state$.subscribe();
    expect(pool.size).toBe(3);
    expect(events.values).toEqual([{ type: 'pool-exceeded', size: 3, at: Date.now() }]);
  });

  it('sets no timer', () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const { pool } = poolOf();
    pool.of('ada');
    expect([timeouts.mock.calls.length, intervals.mock.calls.length]).toEqual([0, 0]);
    vi.restoreAllMocks();
  });

  it('makes one refresh for parallel subscriptions to refresh$ of one person', async () => {
    const reply = deferred<ReturnType<typeof tokensOf>>();
    const refresh = vi.fn(() => reply.promise);
    const { pool } = poolOf({ session: { refresh } });
    await pool.of('ada').signIn(tokensOf(1));
    const asked = [1, 2, 3, 4].map(() => firstValueFrom(pool.of('ada').refresh$));
    reply.resolve(tokensOf(2));
    expect(await Promise.all(asked)).toEqual(Array(4).fill(tokensOf(2)));
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('disposes of all sessions when it is disposed of, and throws afterwards', () => {
    const { pool } = poolOf();
    const ada = pool.of('ada');
    const events = record(pool.events$);
    {
      using used = pool;
      expect(used.size).toBe(1);
    }
    expect([ada.state.status, pool.size, events.settled?.kind]).toEqual(['disposed', 0, 'complete']);
    expect(() => pool.of('ada')).toThrow('disposed of');
  });

  it.each([null, false, '', 0])(
    'throws when `create` gives the store %j, and keeps no tokens in memory instead',
    (store) => {
      const { pool } = poolOf({ session: { store: store as never } });
      expect(() => pool.of('ada')).toThrow('store takes { get, set } or sharedStore(cell); given: ');
      expect(pool.size).toBe(0);
    },
  );

  it('keeps nothing when `create` throws', () => {
    const pool = createSessionPool({
      create: () => {
        throw new Error('no such person');
      },
    });
    expect(() => pool.of('ada')).toThrow('no such person');
    expect(pool.size).toBe(0);
  });

  it.each([
    [{ create: undefined }, 'create takes a function that gives the options of a session; given: undefined.'],
    [{ create: () => ({}), idleMs: -1 }, 'idleMs takes milliseconds, 0 or more; given: -1.'],
    [{ create: () => ({}), max: 0 }, 'max takes a number, 1 or more; given: 0.'],
    [{ create: () => ({}), maximum: 5 }, 'createSessionPool() knows no maximum'],
  ])('throws for %j', (options, message) => {
    expect(() => createSessionPool(options as never)).toThrow(message);
  });

  it.each(['', undefined, 7])('throws for the key %j', (key) => {
    expect(() => poolOf().pool.of(key as string)).toThrow('of() takes a key, a string that is not empty; given: ');
  });
});
