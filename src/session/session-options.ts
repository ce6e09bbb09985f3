import type { ObservableInput } from 'rxjs';
import { assertOption } from './assert-option.ts';
import type { AuthorizeRequest, RequestHeaders } from './authorize-request.ts';
import type { RefreshRetryOptions } from './backoff.ts';
import { classifyRefreshError, type RefreshErrorKind } from './classify-refresh-error.ts';
import type { RefreshReason } from './events.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { assertKnownOptions, ownOptions } from './known-options.ts';
import { openPort, type SharedStore } from './store-port.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { memoryStore, type TokenStore } from './token-store.ts';

/** What `refresh` is told about its call. */
export interface RefreshContext {
  /**
   * Aborts when the refresh is given up: because somebody signs in or out, another session of a shared store writes tokens first, the
   * session is disposed of, or the refresh fails or takes longer than `refreshTimeoutMs`. Pass it to every
   * request that `refresh` makes through a Sluice client: the client recognises the request by this signal, and sends it without a token
   * and without waiting for the refresh. Without this signal, the request would wait for the refresh, which waits for the request, until
   * the timeout. A signal that `AbortSignal.any()` makes of this one is another signal: give such a request the option `session: false`
   * (an attached instance `withoutSession()`) as well.
   */
  readonly signal: AbortSignal;
  /** Why the refresh runs. */
  readonly reason: RefreshReason;
}

/** The options of `createSession`: how the session refreshes, and where it keeps its tokens. */
export interface SessionOptions<T extends TokenSet = TokenSet> {
  /**
   * Gets new tokens from the server. At most one call is in flight; it runs to its end even if no request waits for it any more.
   *
   * Returns a promise, or an observable whose first value counts. If the new token set has no `refreshToken`, the current one is kept. If
   * it throws or fails, `classifyRefreshError` decides what that means; by default a refusal by the server (such as `invalid_grant`) or a
   * `SessionExpiredError` ends the session.
   *
   * @param current - the tokens to replace; `null` if nobody is signed in and `canRefresh(null)` is true
   * @param context - the `signal` for the requests of this call, and the `reason` for it
   */
  refresh(this: void, current: T | null, context: RefreshContext): ObservableInput<T>;
  /**
   * Where the tokens are kept: a store that this session alone uses, or `sharedStore(…)` for many tabs, processes or machines.
   *
   * @defaultValue `memoryStore()`
   */
  readonly store?: TokenStore<T> | SharedStore<T>;
  /**
   * Whether `refresh` can be called with these tokens. Use `() => true` if the refresh token is in a cookie: then a 401 while
   * nobody has signed in yet calls `refresh(null, …)` to restore the session. After a sign-out only `signIn()` or a subscription to
   * `refresh$` starts a session. If it throws or returns a promise, that counts as false, and the session reports `callback-failed`.
   *
   * @defaultValue `(tokens) => tokens?.refreshToken !== undefined`
   */
  canRefresh?(this: void, tokens: T | null): boolean;
  /**
   * Decides what a failed refresh means for the session.
   *
   * @defaultValue the exported `classifyRefreshError`, which judges by HTTP status and OAuth error code
   */
  classifyRefreshError?(this: void, error: unknown): RefreshErrorKind;
  /**
   * How long one refresh may take with all its tries, in milliseconds, 0 or more. Use `Infinity` if `refresh` waits for a person to sign
   * in again. A longer refresh fails with `RefreshFailedError`, reason `timeout`.
   *
   * @defaultValue `30_000`
   */
  readonly refreshTimeoutMs?: number;
  /**
   * How long each access to an asynchronous store may take, in milliseconds, 0 or more. A longer one counts as failed.
   *
   * @defaultValue `30_000`
   */
  readonly storeTimeoutMs?: number;
  /**
   * How `refresh` is called again within one refresh after a response that says "try later" (429 or 5xx); `false` for never. No other
   * failure is tried again, because the server may have rotated the refresh token before its response was lost.
   *
   * @defaultValue `{}`: two more tries, after about 0.5 and 1 s
   */
  readonly refreshRetries?: RefreshRetryOptions | false;
  /**
   * How long before `expiresAt` a request starts a refresh, in milliseconds, 0 or more; a tenth of the token's lifetime if that is less.
   * Requests are sent with the old token meanwhile. No timer runs, so an idle session sends nothing.
   *
   * @defaultValue `30_000`
   */
  readonly refreshLeewayMs?: number;
  /**
   * How long the outcome of a refresh is remembered, in milliseconds, 0 or more. After a refresh that failed, requests that need a refresh
   * fail with its error for this time, or until the server's `Retry-After` has passed if that is longer. After a refresh that succeeded, a
   * 401 for the new token within this time is final and starts no other refresh: a still newer token would be rejected as well.
   *
   * @defaultValue `1_000`
   */
  readonly minRefreshIntervalMs?: number;
  /**
   * Returns the headers that carry the token, or a promise of them. Called for each send, so that a header can prove this one
   * request (DPoP, RFC 9449). A request that has one of these headers already is sent as it is. If `authorize` throws, its promise
   * rejects or takes longer than `refreshTimeoutMs`, only this request fails.
   *
   * @defaultValue `({ accessToken }) => ({ Authorization: 'Bearer ' + accessToken })`; a `Bearer` in the token is not doubled
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
   * Tells the server that tokens are not used any more (RFC 7009). Called at `signOut()`, and for tokens of a refresh that ended
   * after its owner had left. Nothing waits for it, and its failure is only reported by the event `callback-failed`.
   *
   * @defaultValue `() => []`: the server is not told
   */
  revoke?(this: void, tokens: T): ObservableInput<unknown>;
  /**
   * Returns a name of the person whose tokens these are, such as the `sub` of a JWT, for a store that drops the field `owner`. If such a
   * store holds tokens that this session did not write, the session compares their name with that of its own tokens: the same name means
   * newer tokens of the same sign-in, another one means another sign-in.
   *
   * @defaultValue a function that returns `undefined`: other tokens in such a store are those of another sign-in
   */
  ownerOf?(this: void, tokens: T): string | undefined;
}

/** The options with all defaults filled in. */
export type ResolvedOptions<T extends TokenSet> = Required<SessionOptions<T>>;

const defaults = {
  canRefresh: (tokens: TokenSet | null): boolean => tokens?.refreshToken !== undefined,
  classifyRefreshError,
  refreshTimeoutMs: 30_000,
  storeTimeoutMs: 30_000,
  refreshRetries: {},
  refreshLeewayMs: 30_000,
  minRefreshIntervalMs: 1_000,
  // Some APIs return the token with the scheme. A token contains no space (RFC 6750 section 2.1), so that is unambiguous.
  authorize: ({ accessToken }: TokenSet): Record<string, string> => ({
    Authorization: `Bearer ${accessToken.replace(/^bearer /i, '')}`,
  }),
  revoke: (): [] => [],
  ownerOf: (): undefined => undefined,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws InvalidInputError for an option of the wrong kind or out of its range, or (in development) one that does not exist
 */
export function resolveOptions<T extends TokenSet>(options: SessionOptions<T>): ResolvedOptions<T> {
  const entries: [string, unknown][] = Object.entries({ ...options });
  const given: object = ownOptions(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
  const { refresh, store = memoryStore<T>() } = given as Partial<SessionOptions<T>>;
  if (typeof refresh !== 'function')
    throw new InvalidInputError(
      `createSession() needs \`refresh\`, a function that returns new tokens; given: ${kindOf(refresh)}.`,
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
  assertOption('createSession()', name, value, !wanted, wanted);
}

/** Checks the value of an option. Returns `undefined` if it is valid, otherwise a text that names the values that the option accepts. */
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
  if ('lock' in store || 'changes$' in store) return 'sharedStore(cell) in place of a store with `lock` or `changes$`';
  const isStore = typeof store['get'] === 'function' && typeof store['set'] === 'function';
  return isStore ? undefined : '{ get, set } or sharedStore(cell)';
}
