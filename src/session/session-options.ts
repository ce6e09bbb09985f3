import type { ObservableInput } from 'rxjs';
import type { RetryBackoffOptions } from './backoff.ts';
import { classifyRefreshError, type RefreshErrorKind } from './classify-refresh-error.ts';
import { assertKnownOptions } from './known-options.ts';
import { InvalidInputError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import { memoryStore, type TokenStore } from './token-store.ts';
import type { TokenSet } from './token-set.ts';

/** What a refresh is told about itself. */
export interface RefreshContext {
  /**
   * Aborts when the session ends or the refresh takes too long. A request of a Sluice client that is given this very signal is
   * known as the refresh's own: it carries no token and waits for nobody.
   */
  readonly signal: AbortSignal;
  readonly reason: RefreshReason;
}

export interface SessionOptions<T extends TokenSet = TokenSet> {
  /**
   * Gets new tokens: a promise or an observable, whose first value counts. Without a `refreshToken` in it the old one stays in
   * force. At most one runs at a time; it runs to its end whoever waits for it.
   */
  refresh(this: void, current: T | null, context: RefreshContext): ObservableInput<T>;
  /** @defaultValue `memoryStore()` */
  readonly store?: TokenStore<T>;
  /**
   * Whether there is anything to refresh with. A cookie session says `() => true`, and then a 401 while signed out tries to
   * restore the session.
   *
   * @defaultValue `(tokens) => tokens?.refreshToken !== undefined`
   */
  canRefresh?(this: void, tokens: T | null): boolean;
  /** What a failed refresh means. @defaultValue `classifyRefreshError`, by status and OAuth error code */
  classifyRefreshError?(this: void, error: unknown): RefreshErrorKind;
  /**
   * Bound of one refresh with all its tries, and of each access to an asynchronous store, in milliseconds. `Infinity` where
   * `refresh` waits for a person to sign in again.
   *
   * @defaultValue `30_000`
   */
  readonly refreshTimeoutMs?: number;
  /** Further tries within one refresh, after answers that say "try later" only: 429, 5xx. @defaultValue `{}`: two, at about 0.5 and 1 s */
  readonly refreshRetries?: RetryBackoffOptions | false;
  /**
   * How long before `expiresAt` the next request starts a refresh, in milliseconds; never more than a tenth of the token's
   * lifetime. That request and others go out meanwhile with the old token. No timer runs: an idle session sends nothing.
   *
   * @defaultValue `30_000`
   */
  readonly refreshLeewayMs?: number;
  /**
   * A token that was refreshed this recently and is rejected again is not refreshed again, and a refresh that failed this
   * recently is not tried again: requests get that failure at once. In milliseconds. @defaultValue `1_000`
   */
  readonly minRefreshIntervalMs?: number;
  /** The headers that carry the token. @defaultValue `({ accessToken }) => ({ Authorization: 'Bearer ' + accessToken })` */
  authorize?(this: void, tokens: T): Record<string, string>;
  /** Tells the server that tokens are given up (RFC 7009), as best it can: at sign-out, and for a refresh that ended too late. */
  revoke?(this: void, tokens: T): ObservableInput<unknown>;
}

/** Options with every default in place. */
export type ResolvedOptions<T extends TokenSet> = Required<SessionOptions<T>>;

const numbers = ['refreshTimeoutMs', 'refreshLeewayMs', 'minRefreshIntervalMs'] as const;

export function resolveOptions<T extends TokenSet>(options: SessionOptions<T>): ResolvedOptions<T> {
  if (typeof (options as Partial<SessionOptions<T>> | undefined)?.refresh !== 'function') {
    throw new InvalidInputError(
      'createSession() needs `refresh`: a function that gets new tokens, as a promise or an observable.',
    );
  }
  const resolved: ResolvedOptions<T> = {
    refresh: options.refresh,
    store: options.store ?? memoryStore<T>(),
    canRefresh: options.canRefresh ?? ((tokens) => tokens?.refreshToken !== undefined),
    classifyRefreshError: options.classifyRefreshError ?? classifyRefreshError,
    refreshTimeoutMs: options.refreshTimeoutMs ?? 30_000,
    refreshRetries: options.refreshRetries ?? {},
    refreshLeewayMs: options.refreshLeewayMs ?? 30_000,
    minRefreshIntervalMs: options.minRefreshIntervalMs ?? 1_000,
    authorize: options.authorize ?? (({ accessToken }) => ({ Authorization: `Bearer ${accessToken}` })),
    revoke: options.revoke ?? (() => []),
  };
  assertKnownOptions('createSession()', options, Object.keys(resolved));
  for (const name of numbers) {
    if (!(resolved[name] >= 0)) throw new InvalidInputError(`${name} takes milliseconds, 0 or more.`);
  }
  return resolved;
}
