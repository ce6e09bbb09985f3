import type { ObservableInput } from 'rxjs';
import type { AuthorizeRequest, RequestHeaders } from './authorize-request.ts';
import type { RetryBackoffOptions } from './backoff.ts';
import { classifyRefreshError, type RefreshErrorKind } from './classify-refresh-error.ts';
import { InvalidInputError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import { assertKnownOptions } from './known-options.ts';
import { openPort, type SharedStore } from './store-port.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { memoryStore, type TokenStore } from './token-store.ts';

/** What a refresh is told about itself. */
export interface RefreshContext {
  /**
   * Aborts when the session ends or the refresh takes too long. A request of a Sluice client that is given this very signal is
   * known as the refresh's own: it carries no token and waits for nobody.
   */
  readonly signal: AbortSignal;
  readonly reason: RefreshReason;
}

/** How a session refreshes, and where it keeps its tokens. */
export interface SessionOptions<T extends TokenSet = TokenSet> {
  /**
   * Gets new tokens: a promise or an observable, whose first value counts. Without a `refreshToken` in it the old one stays in
   * force. At most one runs at a time; it runs to its end whoever waits for it.
   */
  refresh(this: void, current: T | null, context: RefreshContext): ObservableInput<T>;
  /**
   * Where the tokens are kept: a store of one holder, or `sharedStore(…)` for many tabs, processes or machines.
   *
   * @defaultValue `memoryStore()`
   */
  readonly store?: TokenStore<T> | SharedStore<T>;
  /**
   * Whether there is anything to refresh with. A cookie session says `() => true`, and then a 401 while nobody has signed in yet
   * tries to restore the session. After a sign-out only `signIn()` or a subscription to `refresh$` starts one.
   *
   * @defaultValue `(tokens) => tokens?.refreshToken !== undefined`
   */
  canRefresh?(this: void, tokens: T | null): boolean;
  /** What a failed refresh means. @defaultValue `classifyRefreshError`, by status and OAuth error code */
  classifyRefreshError?(this: void, error: unknown): RefreshErrorKind;
  /**
   * Bound of one refresh with all its tries, in milliseconds, 0 or more. `Infinity` where `refresh` waits for a person to sign in
   * again.
   *
   * @defaultValue `30_000`
   */
  readonly refreshTimeoutMs?: number;
  /** Bound of each access to an asynchronous store, in milliseconds, 0 or more. @defaultValue `30_000` */
  readonly storeTimeoutMs?: number;
  /** Further tries within one refresh, after answers that say "try later" only: 429, 5xx. @defaultValue `{}`: two, at about 0.5 and 1 s */
  readonly refreshRetries?: RetryBackoffOptions | false;
  /**
   * How long before `expiresAt` the next request starts a refresh, in milliseconds, 0 or more; never more than a tenth of the
   * token's lifetime. That request and others go out meanwhile with the old token. No timer runs: an idle session sends nothing.
   *
   * @defaultValue `30_000`
   */
  readonly refreshLeewayMs?: number;
  /**
   * A token that was refreshed this recently and is rejected again is not refreshed again, and a refresh that failed this
   * recently is not tried again: requests get that failure at once. In milliseconds, 0 or more. A longer `Retry-After` of the
   * server is kept to as well. @defaultValue `1_000`
   */
  readonly minRefreshIntervalMs?: number;
  /**
   * The headers that carry the token, made for each send: they may be a proof of this very request (DPoP, RFC 9449), and a promise.
   * A request that brings one of these headers itself has credentials of its own. If `authorize` throws, or its promise rejects, that
   * request fails with it and no other. A promise is waited for as long as `refreshTimeoutMs`.
   *
   * @defaultValue `({ accessToken }) => ({ Authorization: 'Bearer ' + accessToken })`
   * @example
   * ```ts
   * authorize: async ({ accessToken }, { method, url, nonce }) => ({
   *   Authorization: `DPoP ${accessToken}`,
   *   DPoP: await DPoP.generateProof(keys, url, method, nonce, accessToken), // npm `dpop`
   * }),
   * ```
   */
  authorize?(this: void, tokens: T, request: AuthorizeRequest): RequestHeaders | PromiseLike<RequestHeaders>;
  /**
   * Tells the server that tokens are given up (RFC 7009), as best it can: at sign-out, and for a refresh that ended too late.
   *
   * @defaultValue `() => []`: the server is not told
   */
  revoke?(this: void, tokens: T): ObservableInput<unknown>;
  /**
   * Whose tokens these are, for a store that keeps no `owner` with them: the `sub` of a JWT, for example. Tokens in the store that
   * are not this session's own are then taken for the same person's, or for another's.
   *
   * @defaultValue nobody can tell: other tokens in such a store are another sign-in's
   */
  ownerOf?(this: void, tokens: T): string | undefined;
}

/** Options with every default in place. */
export type ResolvedOptions<T extends TokenSet> = Required<SessionOptions<T>>;

const defaults = {
  canRefresh: (tokens: TokenSet | null): boolean => tokens?.refreshToken !== undefined,
  classifyRefreshError,
  refreshTimeoutMs: 30_000,
  storeTimeoutMs: 30_000,
  refreshRetries: {},
  refreshLeewayMs: 30_000,
  minRefreshIntervalMs: 1_000,
  authorize: ({ accessToken }: TokenSet): Record<string, string> => ({ Authorization: `Bearer ${accessToken}` }),
  revoke: (): [] => [],
  ownerOf: (): undefined => undefined,
};

/** @throws InvalidInputError for an option of the wrong kind or out of its range, or (in development) one that does not exist */
export function resolveOptions<T extends TokenSet>(options: SessionOptions<T>): ResolvedOptions<T> {
  const entries: [string, unknown][] = Object.entries({ ...options });
  // Without a prototype, because a polluted one would give the session another store.
  const given = Object.assign(
    Object.create(null) as object,
    Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
  );
  const { refresh, store = memoryStore<T>() } = given as Partial<SessionOptions<T>>;
  if (typeof refresh !== 'function')
    throw new InvalidInputError(
      `createSession() needs \`refresh\`: a function that gets new tokens, as a promise or an observable; given: ${kindOf(refresh)}.`,
    );
  const resolved = { ...defaults, ...given, refresh, store } as ResolvedOptions<T>;
  const names = ['refresh', 'store', ...Object.keys(defaults)] as (keyof SessionOptions<T>)[];
  assertKnownOptions('createSession()', given, names);
  for (const name of names) assertKind(name, resolved[name]);
  if (resolved.refreshRetries !== false) {
    assertKnownOptions('refreshRetries', resolved.refreshRetries, ['count', 'initialDelayMs', 'maxDelayMs', 'jitter']);
    for (const [name, value] of Object.entries(resolved.refreshRetries))
      if (value !== undefined) assertKind(name, value);
  }
  return resolved;
}

function assertKind(name: string, value: unknown): void {
  const wanted = wantedInstead(name, value);
  if (!wanted) return;
  const given = typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
  throw new InvalidInputError(`createSession(): ${name} takes ${wanted}; given: ${given}.`);
}

/** What an option takes, if this is not it. */
function wantedInstead(name: string, value: unknown): string | undefined {
  if (name === 'store') return wantedStore(value);
  if (name === 'refreshRetries')
    return value === false || (typeof value === 'object' && value !== null) ? undefined : 'false or { count, … }';
  if (name === 'jitter')
    return typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1';
  if (name === 'count' || name.endsWith('Ms')) {
    const what = name === 'count' ? 'a number of tries' : 'milliseconds';
    return typeof value === 'number' && value >= 0 ? undefined : `${what}, 0 or more`;
  }
  return typeof value === 'function' ? undefined : 'a function';
}

function wantedStore(value: unknown): string | undefined {
  const store = Object(value) as Partial<Record<string | symbol, unknown>>;
  if (typeof store[openPort] === 'function') return undefined;
  if ('lock' in store || 'changes$' in store) return 'sharedStore(cell), now that it has `lock` or `changes$`';
  const isStore = typeof store['get'] === 'function' && typeof store['set'] === 'function';
  return isStore ? undefined : '{ get, set } or sharedStore(cell)';
}
