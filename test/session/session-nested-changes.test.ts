import { defer, firstValueFrom, of, take } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  createSession,
  createSessionPool,
  memoryCell,
  memoryStore,
  retryOnUnauthorized,
  type Session,
  sharedStore,
  type StoredSession,
  type TokenSet,
} from 'sluice/session';
import { useFakeTime } from '../support/fake-time.ts';

const A: TokenSet = { accessToken: 'a1', refreshToken: 'ra1' };
const B: TokenSet = { accessToken: 'b1', refreshToken: 'rb1' };
const never = (): Promise<TokenSet> => new Promise(() => undefined);
/** A delay of a codec or a store, on the clock of the test. */
const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

const recordOf = (version: number, owner: string | null, tokens: TokenSet | null): StoredSession => ({
  schema: 1,
  version,
  owner,
  generation: version,
  tokens: tokens && JSON.stringify(tokens),
  by: 'other',
});

/** A synchronous store whose writes fail while `isFailing` returns true. */
function failingStore(initial: TokenSet | null, isFailing: () => boolean) {
  let tokens = initial;
  return {
    get: () => tokens,
    set: (next: TokenSet | null) => {
      if (isFailing()) throw new Error('full');
      tokens = next;
    },
  };
}

useFakeTime();

describe('a change of owner within another', () => {
  /** A session whose token is dead, with one request that waits for the refresh. */
  function waiting(onError: (session: Session) => unknown) {
    const session = createSession({
      refresh: never,
      store: memoryStore({ ...A, expiresAt: Date.now() - 1 }),
    });
    const states: string[] = [];
    const events: string[] = [];
    session.state$.subscribe(({ status }) => states.push(status));
    session.events$.subscribe(({ type }) => events.push(type));
    defer(() => of(1))
      .pipe(retryOnUnauthorized(session))
      .subscribe({ error: () => void onError(session) });
    return { session, states, events };
  }

  it('is told last if a waiting request that fails by a sign-out signs somebody in', () => {
    const { session, states, events } = waiting((its) => its.signIn(B));
    void session.signOut();
    expect(session.state.tokens).toBe(B);
    expect(states.slice(-2)).toEqual(['signed-out', 'signed-in']);
    expect(events.slice(-3)).toEqual(['refresh-failed', 'signed-out', 'signed-in']);
  });

  it('is told last if a waiting request that fails by a sign-in signs out', () => {
    const { session, states, events } = waiting((its) => its.signOut());
    void session.signIn(B);
    expect(states.slice(-2)).toEqual(['signed-in', 'signed-out']);
    expect(events.slice(-3)).toEqual(['refresh-failed', 'signed-in', 'signed-out']);
  });

  it('is what a new subscriber of `state$` gets first, and each later state once', () => {
    const seen: (string | undefined)[][] = [];
    const { session } = waiting((its) => {
      const tokens: (string | undefined)[] = [];
      seen.push(tokens);
      its.state$.subscribe((state) => tokens.push(state.tokens?.accessToken ?? state.status));
      void its.signIn(B);
      its.state$.pipe(take(1)).subscribe((state) => seen.push([state.tokens?.accessToken]));
    });
    void session.signOut();
    expect(seen).toEqual([['signed-out', 'b1'], ['b1']]);
    expect(session.state.tokens).toBe(B);
  });

  it.each([
    ['signOut', ['signed-in', 'signed-out']],
    ['dispose', ['signed-in', 'completed']],
  ] as const)('is told last if a listener of `state$` calls %s', (call, expected) => {
    const session = createSession({ refresh: never });
    const events: string[] = [];
    session.events$.subscribe({ next: ({ type }) => events.push(type), complete: () => events.push('completed') });
    session.state$.subscribe(({ status }) => {
      if (status === 'signed-in') void session[call]();
    });
    void session.signIn(A);
    expect(events).toEqual(expected);
  });
});

describe('a listener of `store-failed`', () => {
  it.each([
    ['dispose', 'disposed'],
    ['signOut', 'signed-out'],
  ] as const)('that calls %s during signIn() has the last word', (call, status) => {
    let failures = 2;
    const session = createSession({ refresh: never, store: failingStore(null, () => failures-- > 0) });
    session.events$.subscribe(({ type }) => {
      if (type === 'store-failed') void session[call]();
    });
    void session.signIn(A);
    expect(session.state.status).toBe(status);
  });

  it('that signs another person in during signIn() leaves the same person here and in the store', async () => {
    let failures = 3;
    const store = failingStore(null, () => failures-- > 0);
    const session = createSession({ refresh: never, store });
    session.events$.subscribe(({ type }) => {
      if (type === 'store-failed') void session.signIn(B);
    });
    void session.signIn(A);
    await pass(1);
    expect([session.state.tokens, store.get()]).toMatchObject([B, B]);
  });

  it('that signs out during signIn() at a shared store signs out here and there', async () => {
    const cell = memoryCell<StoredSession>();
    let failures = 1;
    const swap: typeof cell.swap = (...write) => {
      if (failures-- > 0) throw new Error('away');
      return cell.swap(...write);
    };
    const session = createSession({ refresh: never, store: sharedStore({ ...cell, swap }) });
    session.events$.subscribe(({ type }) => {
      if (type === 'store-failed') void session.signOut();
    });
    void session.signIn(A);
    await pass(200);
    expect([session.state.status, await cell.read()]).toMatchObject(['signed-out', { owner: null }]);
  });

  it.each([
    ['dispose', 'disposed'],
    ['signOut', 'signed-out'],
  ] as const)('that calls %s when late tokens arrive has the last word', async (call, status) => {
    let give: (tokens: TokenSet) => void = () => undefined;
    let isFailing = false;
    const session = createSession({
      refresh: () => new Promise<TokenSet>((resolve) => (give = resolve)),
      refreshTimeoutMs: 5,
      store: failingStore(A, () => isFailing),
    });
    session.events$.subscribe(({ type }) => {
      if (type !== 'store-failed') return;
      isFailing = false;
      void session[call]();
    });
    session.refresh$.subscribe({ error: () => undefined });
    await pass(30);
    isFailing = true;
    give({ accessToken: 'a2', refreshToken: 'ra2' });
    await pass(5);
    expect(session.state.status).toBe(status);
  });
});

it.each([B, { accessToken: 'a2' }])(
  'a refused refresh empties the store, although a listener of `refresh-failed` calls update()',
  async (tokens) => {
    const store = failingStore(A, () => false);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the shape that classifyRefreshError reads
    const session = createSession({ refresh: () => Promise.reject({ status: 400, error: 'invalid_grant' }), store });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') void session.update(tokens);
    });
    session.refresh$.subscribe({ error: () => undefined });
    await pass(5);
    expect([session.state.status, store.get()]).toEqual(['signed-out', null]);
  },
);

it('a session that signs another one out when it hears of its sign-in leaves both signed out', async () => {
  const store = sharedStore(memoryCell<StoredSession>());
  const [one, other] = [createSession({ refresh: never, store }), createSession({ refresh: never, store })];
  other.events$.subscribe(({ type }) => {
    if (type === 'signed-in') void one.signOut();
  });
  void one.signIn(A);
  await pass(5);
  expect([one.state.status, other.state.status]).toEqual(['signed-out', 'signed-out']);
});

it('a session learns of another sign-in that is announced while the tokens of the former one are being opened', async () => {
  const cell = memoryCell(recordOf(1, 'alice', A));
  const open = (text: string): Promise<string> => pause(20).then(() => text);
  const store = sharedStore(cell, { codec: { seal: (text) => text, open } });
  const session = createSession({ refresh: never, store });
  await pass(5);
  cell.swap(1, recordOf(2, 'bob', B));
  await pass(100);
  expect(session.state).toMatchObject({ owner: 'bob', tokens: B });
});

it('validTokens() reads the store first if the page was suspended, and gives nobody the tokens of somebody who has left', async () => {
  let now = recordOf(1, 'alice', A);
  let isBehind = false;
  const cell = {
    read: async () => {
      await pause(1);
      isBehind = false;
      return now;
    },
    swap: () => false,
    isBehind: () => isBehind,
  };
  const session = createSession({ refresh: never, store: sharedStore(cell) });
  await pass(10);
  now = recordOf(2, 'bob', B);
  isBehind = true;
  const failed = expect(firstValueFrom(session.validTokens())).rejects.toMatchObject({ name: 'SessionChangedError' });
  await pass(10);
  await failed;
});

it('a pool keeps a session whose validTokens() waits for its store', async () => {
  const get = (): Promise<TokenSet> => pause(10).then(() => A);
  const pool = createSessionPool({ max: 1, create: () => ({ refresh: never, store: { get, set: () => undefined } }) });
  const tokens = firstValueFrom(pool.of('one').validTokens());
  pool.of('other');
  await pass(10);
  expect(await tokens).toMatchObject(A);
  pool.of('third');
  expect(pool.size).toBe(1);
});
