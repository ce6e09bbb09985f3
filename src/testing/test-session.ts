import { asyncScheduler } from 'rxjs';
import {
  createSession,
  InvalidInputError,
  type Session,
  type SessionOptions,
  type TokenSet,
} from '../session/index.ts';
import { assertKnownOptions, ownOptions } from '../session/internal.ts';
import { expirableStore } from './expirable-store.ts';
import { PendingRefresh, type TestRefresh } from './test-refresh.ts';
import { Waiting } from './waiting.ts';

/** Options of `testSession()`: those of `createSession()`, except `refresh` and `store`. */
export interface TestSessionOptions<T extends TokenSet = TokenSet> extends Omit<
  SessionOptions<T>,
  'refresh' | 'store'
> {
  /** The tokens to begin with; `null` for nobody. @defaultValue `{ accessToken: 'access-1', refreshToken: 'refresh-1' }` */
  readonly tokens?: T | null;
}

/** A session, and the functions by which a test controls it. */
export interface TestSession<T extends TokenSet = TokenSet> {
  /** The session, for the code under test and for `testClient`. */
  readonly session: Session<T>;
  /** The calls of `refresh` so far, in their order. */
  readonly refreshes: readonly TestRefresh<T>[];
  /**
   * Resolves with the oldest pending refresh that `nextRefresh()` has not returned before, or with the next one as soon as it begins.
   * Rejects with an Error if none begins within one second of real time, which fake timers do not stop.
   */
  nextRefresh(): Promise<TestRefresh<T>>;
  /**
   * Lets the access token expire: from now on `expiresAt` is in the past, and the next request refreshes before it is sent. For the
   * session, another tab that shares its store has written these tokens, so `state.generation` grows by one.
   *
   * @throws InvalidInputError if nobody is signed in
   */
  expire(): void;
}

/** A record instead of a list: the compiler reports an option that is missing here, which `testSession()` would refuse as unknown. */
const knownOptions: Readonly<Record<keyof TestSessionOptions, true>> = {
  tokens: true,
  canRefresh: true,
  classifyRefreshError: true,
  refreshTimeoutMs: true,
  storeTimeoutMs: true,
  refreshRetries: true,
  refreshLeewayMs: true,
  minRefreshIntervalMs: true,
  authorize: true,
  revoke: true,
  ownerOf: true,
};

const HOUR_MS = 3_600_000;
const LONGEST_WAIT_MS = 1_000;

/**
 * Makes a session with a store in memory, whose refreshes the test settles by hand. It is a session of `createSession()`, so all its rules
 * hold: one refresh at a time, waiting requests, owners, time limits.
 *
 * @throws InvalidInputError for options that `createSession()` refuses, for `refresh` and `store`, and for `tokens` that are no token set
 * @example
 * ```ts
 * const { session, expire, nextRefresh } = testSession();
 * const { api, http } = testClient({ session });
 * expire();
 * const users = firstValueFrom(api.get('/users'));
 * (await nextRefresh()).succeed();
 * (await http.next('GET /users')).flush([]);
 * ```
 */
export function testSession<T extends TokenSet = TokenSet>(options: TestSessionOptions<T> = {}): TestSession<T> {
  const { tokens = numbered<T>(null, 1), ...rest } = ownOptions(options);
  for (const name of ['refresh', 'store'])
    if (name in rest)
      throw new InvalidInputError(
        `testSession() takes no \`${name}\`: the test settles each refresh, and the store is in memory. Use createSession() for others.`,
      );
  assertKnownOptions('testSession()', options, Object.keys(knownOptions));
  const refreshes: PendingRefresh<T>[] = [];
  const returned = new Set<PendingRefresh<T>>();
  const waiting = new Waiting();
  const take = (): PendingRefresh<T> | undefined => {
    const refresh = refreshes.find((one) => one.pending && !returned.has(one));
    if (refresh) returned.add(refresh);
    return refresh;
  };
  const { store, expire } = expirableStore(tokens, (now) => rest.ownerOf?.(now));
  const session = createSession<T>({
    ...rest,
    store,
    refresh: (current, context) => {
      const n = refreshes.length + 2;
      const refresh = new PendingRefresh(current, context, () => numbered(current, n));
      refreshes.push(refresh);
      waiting.changed();
      return refresh.result$;
    },
  });

  return {
    session,
    refreshes,
    nextRefresh: () =>
      waiting.until(take, LONGEST_WAIT_MS, () => `Waited ${LONGEST_WAIT_MS} ms for a refresh; there was none.`),
    expire() {
      if (!session.state.tokens) throw new InvalidInputError('expire() needs somebody who is signed in.');
      expire(session.state, asyncScheduler.now());
    },
  };
}

/** Returns tokens with a number, by which a failed test shows which tokens they are. Other fields of the former tokens are kept. */
function numbered<T extends TokenSet>(former: T | null, n: number): T {
  return {
    ...former,
    accessToken: `access-${n}`,
    refreshToken: `refresh-${n}`,
    ...(former?.expiresAt !== undefined && { expiresAt: asyncScheduler.now() + HOUR_MS }),
  } as T;
}
