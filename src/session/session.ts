/// <reference lib="esnext.disposable" preserve="true" />
import {
  concat,
  defer,
  filter,
  ignoreElements,
  lastValueFrom,
  map,
  type Observable,
  take,
  takeUntil,
  throwError,
} from 'rxjs';
import { InvalidInputError, RefreshFailedError, SessionChangedError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { Refresher } from './refresher.ts';
import { safeCallbacks } from './safe-callbacks.ts';
import { internalsKey, type SessionInternals } from './session-internals.ts';
import { resolveOptions, type SessionOptions } from './session-options.ts';
import { SessionRecord } from './session-record.ts';
import type { SessionState } from './session-state.ts';
import { failureName, storeAccess } from './store-access.ts';
import { hasSameAccessToken, isTokenSet, requireTokenSet, type TokenSet } from './token-set.ts';

/** Stores answer by themselves, even where a refresh waits for a person. */
const STORE_LIMIT_MS = 30_000;

/** Owner of one user's token set; knows how to refresh it. One per user and API: on a server, one per request. */
export interface Session<T extends TokenSet = TokenSet> {
  /** What the session is now. */
  readonly state: SessionState<T>;
  /** Replays the current state, then each change. Completes at `dispose()`. */
  readonly state$: Observable<SessionState<T>>;
  /**
   * Subscribing starts a refresh or joins the one in flight; gives the tokens in force after it, once. Leaving does not stop it.
   * Fails with `SessionExpiredError`, `RefreshFailedError` or `SessionChangedError`.
   */
  readonly refresh$: Observable<T>;
  /** Hot. For logs, devtools, redirects; never holds a token. Completes at `dispose()`. */
  readonly events$: Observable<SessionEvent>;
  /** In force when it returns; the promise tells when the store has it. Ends what runs for the former owner. */
  signIn(tokens: T): Promise<void>;
  /** In force when it returns; the promise tells when the store is empty. Requests that wait fail with `SessionChangedError`. */
  signOut(): Promise<void>;
  /** Ends what runs and leaves the store as it is. Not to be used afterwards. */
  dispose(): void;
  [Symbol.dispose](): void;
  /** @internal */
  readonly [internalsKey]: SessionInternals;
}

/**
 * Makes a session. It is ready at once if its store answers synchronously; else it is `restoring` and requests wait.
 *
 * @throws InvalidInputError without `refresh`, or (in development) for an option that does not exist
 */
export function createSession<T extends TokenSet = TokenSet>(input: SessionOptions<T>): Session<T> {
  const options = resolveOptions(input);
  const record = new SessionRecord<T>();
  const store = storeAccess(options.store, Math.min(options.refreshTimeoutMs, STORE_LIMIT_MS), record.emit);
  const callbacks = safeCallbacks(options, record.emit);
  const refresher = new Refresher({ options, record, store, callbacks });

  const changesFailed = (error: unknown): void => {
    record.emit({ type: 'store-failed', operation: 'changes$', message: failureName(error) });
  };
  const restore = (tokens: T | null): void => {
    store.adopt(tokens);
    if (tokens) refresher.noteExpiry(tokens, true);
    record.restored(tokens);
  };
  const onStoreChange = (tokens: T | null): void => {
    if (tokens !== null && !isTokenSet(tokens)) changesFailed(new TypeError());
    else if (hasSameAccessToken(tokens, record.state.tokens)) return;
    else if (tokens !== null && record.state.status === 'restoring') restore(tokens);
    else {
      store.adopt(tokens);
      if (tokens === null) record.signedOut('elsewhere');
      else if (record.state.tokens === null) becomeSignedIn(tokens);
      else refresher.adopt(tokens);
    }
  };
  const becomeSignedIn = (tokens: T): void => {
    refresher.noteExpiry(tokens, false);
    record.signedIn(tokens);
  };

  // eslint-disable-next-line rxjs-x/no-ignored-error -- a read that fails gives undefined
  store.read$.pipe(takeUntil(record.ownerChanged$)).subscribe((stored) => {
    restore(stored ?? null);
  });
  options.store.changes$?.pipe(takeUntil(record.disposed$)).subscribe({ next: onStoreChange, error: changesFailed });
  record.open();

  const assertNotDisposed = (): void => {
    if (record.isDisposed) throw new InvalidInputError('The session has been disposed of; make a new one.');
  };
  const restored$ = record.state$.pipe(
    filter(({ status }) => status !== 'restoring'),
    take(1),
    // `null` instead of the state: the outcome of a wait is remembered by its requests, and a remembered state would keep tokens
    // in memory.
    map(() => null),
  );
  const dispose = (): void => {
    if (!record.isDisposed) record.disposed();
  };
  const requested = (epoch: number): Observable<T> =>
    defer(() => {
      if (record.isDisposed || record.state.epoch !== epoch) return throwError(() => refresher.ownerChangeError(epoch));
      if (refresher.canRefresh()) return refresher.start('requested').pipe(map(({ tokens }) => tokens));
      const cause = new InvalidInputError('Nothing to refresh with: sign in first, or see `canRefresh`.');
      return throwError(() => new RefreshFailedError('misconfigured', cause));
    });

  return {
    get state() {
      return record.state;
    },
    state$: record.state$,
    events$: record.events$,
    // Bound to the epoch at subscription: a refresh requested for one owner never runs for the next. Restoring does not change it.
    refresh$: defer(() => concat(restored$.pipe(ignoreElements()), requested(record.state.epoch))),
    signIn(tokens) {
      assertNotDisposed();
      requireTokenSet(tokens);
      // Queued before the state changes: a listener may call signOut(), and its write must come second.
      const written$ = store.write(tokens);
      becomeSignedIn(tokens);
      return lastValueFrom(written$);
    },
    signOut() {
      assertNotDisposed();
      const { status, tokens } = record.state;
      const written$ = store.write(null);
      if (status !== 'signed-out') record.signedOut('sign-out');
      if (tokens) callbacks.revoke(tokens);
      return lastValueFrom(written$);
    },
    dispose,
    [Symbol.dispose]: dispose,
    [internalsKey]: {
      get state() {
        return record.state;
      },
      waitBeforeSend: (request) => {
        if (record.isDisposed) return throwError(() => new SessionChangedError('The session has been disposed of.'));
        return record.state.status === 'restoring' ? restored$ : refresher.waitBeforeSend(request);
      },
      waitAfterUnauthorized: (request) => refresher.waitAfterUnauthorized(request),
      ownerChangeError: (epoch) => refresher.ownerChangeError(epoch),
      isOwnRequest: (signal) => refresher.isOwnRequest(signal),
      authorization: () => (record.state.tokens === null ? {} : options.authorize(record.state.tokens)),
      emit: record.emit,
    },
  };
}
