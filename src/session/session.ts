/// <reference lib="esnext.disposable" preserve="true" />
import {
  concat,
  defer,
  filter,
  ignoreElements,
  lastValueFrom,
  map,
  type Observable,
  Subject,
  take,
  takeUntil,
  throwError,
} from 'rxjs';
import { safeCallbacks } from './callbacks.ts';
import { InvalidInputError, RefreshFailedError, SessionChangedError } from './errors.ts';
import type { SessionEvent, SignOutReason } from './events.ts';
import { type Gate, gateKey } from './gate.ts';
import { refresher } from './refresher.ts';
import { resolveOptions, type SessionOptions } from './session-options.ts';
import { sessionRecord } from './session-record.ts';
import type { SessionState } from './session-state.ts';
import { failureName, storeAccess } from './store-access.ts';
import { isSame, isTokenSet, requireTokenSet, type TokenSet } from './token-set.ts';

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
  readonly [gateKey]: Gate;
}

/**
 * Makes a session. It is ready at once if its store answers synchronously; else it is `restoring` and requests wait.
 *
 * @throws InvalidInputError without `refresh`, or (in development) for an option that does not exist
 */
export function createSession<T extends TokenSet = TokenSet>(input: SessionOptions<T>): Session<T> {
  const options = resolveOptions(input);
  const record = sessionRecord<T>({ status: 'restoring', tokens: null, generation: 0, epoch: 0 });
  const store = storeAccess(options.store, Math.min(options.refreshTimeoutMs, STORE_LIMIT_MS), record.emit);
  const callbacks = safeCallbacks(options, record.emit);
  /** Each change of owner ends what runs for the former one. */
  const changes$ = new Subject<void>();
  const refreshes = refresher({
    options,
    record,
    store,
    callbacks,
    changes$,
    expire: (reason) => {
      leave(reason);
    },
  });
  let disposed = false;

  // When the new state is in force, since who waits looks at it on failing; before others hear, who may start for the new owner.
  const endFormer = (): void => {
    changes$.next();
  };
  const enter = (tokens: T, restored: boolean): void => {
    const { generation, epoch } = record.state;
    refreshes.measure(tokens, !restored);
    record.move(
      { status: 'signed-in', tokens, generation: generation + 1, epoch: restored ? epoch : epoch + 1 },
      { type: restored ? 'restored' : 'signed-in', generation: generation + 1 },
      endFormer,
    );
  };
  const leave = (reason: SignOutReason): void => {
    const { tokens, generation, epoch } = record.state;
    record.move(
      { status: 'signed-out', tokens: null, generation, epoch: epoch + 1, reason },
      tokens === null ? undefined : { type: 'signed-out', reason },
      endFormer,
    );
  };
  const changesFailed = (error: unknown): void => {
    record.emit({ type: 'store-failed', operation: 'changes$', message: failureName(error) });
  };
  const overheard = (tokens: T | null): void => {
    if (tokens !== null && !isTokenSet(tokens)) {
      changesFailed(new TypeError());
      return;
    }
    if (isSame(tokens, record.state.tokens)) return;
    store.adopt(tokens);
    if (tokens === null) leave('elsewhere');
    else if (record.state.tokens === null) enter(tokens, record.state.status === 'restoring');
    else refreshes.adopt(tokens);
  };

  // eslint-disable-next-line rxjs-x/no-ignored-error -- a read that fails gives undefined
  store.read$.pipe(takeUntil(changes$)).subscribe((stored) => {
    store.adopt(stored ?? null);
    if (stored) enter(stored, true);
    else record.move({ ...record.state, status: 'signed-out' });
  });
  options.store.changes$?.pipe(takeUntil(changes$.pipe(filter(() => disposed)))).subscribe({
    next: overheard,
    error: changesFailed,
  });
  record.open();

  const refuseDisposed = (): void => {
    if (disposed) throw new InvalidInputError('The session has been disposed of; make a new one.');
  };
  const restored$ = record.state$.pipe(
    filter(({ status }) => status !== 'restoring'),
    take(1),
    // Those who wait for it may be remembered with what it gave.
    map(() => null),
  );
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    const { generation, epoch } = record.state;
    record.move({ status: 'signed-out', tokens: null, generation, epoch: epoch + 1 }, undefined, endFormer);
    record.close();
  };
  const requested = (epoch: number): Observable<T> =>
    defer(() => {
      if (disposed || record.state.epoch !== epoch) return throwError(() => refreshes.changedSince(epoch));
      if (callbacks.canRefresh(record.state.tokens))
        return refreshes.start('requested').pipe(map(({ tokens }) => tokens));
      const cause = new InvalidInputError('Nothing to refresh with: sign in first, or see `canRefresh`.');
      return throwError(() => new RefreshFailedError('misconfigured', cause));
    });

  return {
    get state() {
      return record.state;
    },
    state$: record.state$,
    events$: record.events$,
    // Asked for by whoever was signed in then, or was about to be restored.
    refresh$: defer(() => concat(restored$.pipe(ignoreElements()), requested(record.state.epoch))),
    signIn(tokens) {
      refuseDisposed();
      requireTokenSet(tokens);
      // Asked for first: who hears of the new state may sign out, and that write comes after this one.
      const written$ = store.write(tokens);
      enter(tokens, false);
      return lastValueFrom(written$);
    },
    signOut() {
      refuseDisposed();
      const { status, tokens } = record.state;
      const written$ = store.write(null);
      if (status !== 'signed-out') leave('sign-out');
      if (tokens) callbacks.revoke(tokens);
      return lastValueFrom(written$);
    },
    dispose,
    [Symbol.dispose]: dispose,
    [gateKey]: {
      get state() {
        return record.state;
      },
      hold: () => {
        if (disposed) return throwError(() => new SessionChangedError('The session has been disposed of.'));
        return record.state.status === 'restoring' ? restored$ : refreshes.hold();
      },
      renew: refreshes.renew,
      changedSince: refreshes.changedSince,
      isRefreshItself: refreshes.isItself,
      authorization: () => (record.state.tokens === null ? {} : options.authorize(record.state.tokens)),
      emit: record.emit,
    },
  };
}
