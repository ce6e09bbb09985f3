import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  type Observable,
  of,
  takeUntil,
  tap,
  throwError,
  throwIfEmpty,
  TimeoutError,
} from 'rxjs';
import type { Callbacks } from './callbacks.ts';
import { RefreshFailedError, SessionChangedError, SessionExpiredError, type SluiceError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import { exclusive } from './exclusive.ts';
import { runRefresh, type RefreshWatch } from './run-refresh.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import { failureName, type StoreAccess } from './store-access.ts';
import { isSame, type TokenSet } from './token-set.ts';

/** What a refresh came to. */
export interface Refreshed<T extends TokenSet> {
  /** Those in force now. */
  readonly tokens: T;
  /** The app's `refresh` was called. Else the store had newer ones. */
  readonly asked: boolean;
}

/** What a refresh needs of its session. */
export interface FlightContext<T extends TokenSet> {
  readonly options: ResolvedOptions<T>;
  readonly record: SessionRecord<T>;
  readonly store: StoreAccess<T>;
  readonly callbacks: Callbacks<T>;
  /** Emits at each change of owner. */
  readonly changes$: Observable<void>;
  /** Signs the session out. */
  expire(reason: 'expired' | 'elsewhere'): void;
}

/** What a refresh tells while it flies. */
export interface FlightWatch<T extends TokenSet> extends Omit<RefreshWatch<T>, 'late'> {
  /** Whether a server has rejected the tokens in force. */
  isRejected(): boolean;
  /** Puts tokens into force. A refresh that runs goes on, unless that settles it. */
  enforce(tokens: T, type: 'refresh-succeeded' | 'tokens-adopted', isSettled?: boolean): void;
  failed(of: { readonly epoch: number; readonly generation: number }, error: SluiceError): void;
  /** The server will have no more of it. */
  refused(epoch: number, error: SluiceError): void;
}

/**
 * One refresh from its start to its end, cold: takes the store's lock, looks there for newer tokens, asks the app for some if there are
 * none, stores them, and puts them into force.
 */
export function refreshFlight<T extends TokenSet>(
  context: FlightContext<T>,
  watch: FlightWatch<T>,
  reason: RefreshReason,
): Observable<Refreshed<T>> {
  const { options, record, store, callbacks, changes$, expire } = context;
  const { isRejected, enforce } = watch;
  const { epoch, generation: started } = record.state;
  /** What `refresh` has been asked to replace, once it has. */
  let asked: { readonly tokens: T | null; readonly generation: number } | null = null;
  const isOwner = (): boolean => record.state.epoch === epoch;
  record.move(
    { ...record.state, status: 'refreshing', reason },
    { type: 'refresh-started', reason, generation: started },
  );

  /** Gives nothing where another holder has written meanwhile: the store has theirs. */
  const fetched$ = defer(() => {
    const { tokens, generation } = record.state;
    asked = { tokens, generation };
    return runRefresh(options, tokens, reason, {
      ...watch,
      // After its timeout: the server may have rotated, so these are the only good ones.
      late: (next) => {
        if (!isOwner()) callbacks.revoke(next);
        else if (record.state.generation === generation) {
          void store.write(next);
          enforce(next, 'refresh-succeeded');
        }
      },
    }).pipe(
      tap((next) => {
        if (isRejected() && isSame(next, record.state.tokens)) throw new RefreshFailedError('same-token');
      }),
      // Stored before anybody goes on. A change of owner meanwhile makes them nobody's.
      concatMap((next) => {
        const before = record.state.generation;
        return store.write(next).pipe(
          ignoreElements(),
          tap({
            unsubscribe: () => {
              callbacks.revoke(next);
            },
          }),
          endWith(next),
          map((written) => {
            if (record.state.generation !== before) return null;
            enforce(written, 'refresh-succeeded', true);
            return written;
          }),
        );
      }),
    );
  });

  // A listener of what was just told may have signed out, or someone while the lock was waited for.
  const work$ = defer(() => (isOwner() ? store.read$ : EMPTY)).pipe(
    concatMap((stored) => {
      // Not what is known, and not what a write that seemed to fail has left there.
      if (stored !== undefined && store.isForeign(stored) && !isSame(stored, record.state.tokens)) {
        store.adopt(stored);
        if (stored === null) {
          expire('elsewhere');
          return EMPTY;
        }
        enforce(stored, 'tokens-adopted', true);
        return of(stored);
      }
      // Told of while the lock or the store was waited for. What those replace has been used up.
      return record.state.generation !== started && !isRejected() ? of(null) : fetched$;
    }),
    takeUntil(changes$),
  );
  /** What another holder has put into force. */
  const newest = (): Observable<Refreshed<T>> => {
    const { tokens, generation } = record.state;
    // Rejected before this has ended: whoever waits for it waits for newer ones still.
    if (isRejected() && callbacks.canRefresh(tokens)) return refreshFlight(context, watch, 'unauthorized');
    // A listener may have signed out or in: one of a `canRefresh` that failed, or one of the new state.
    if (isOwner()) record.move({ status: 'signed-in', tokens, generation, epoch });
    return isOwner() && tokens ? of({ tokens, asked: asked !== null }) : throwError(() => new SessionChangedError());
  };
  const lockFailed = (error: unknown): void => {
    record.emit({ type: 'store-failed', operation: 'lock', message: failureName(error) });
  };

  const alone$ = exclusive(options.store, work$, 2 * options.refreshTimeoutMs, lockFailed);
  const owned$ = (isOwner() ? alone$ : EMPTY).pipe(
    // Also where the lock has not been granted yet.
    takeUntil(changes$),
    throwIfEmpty(() => new SessionChangedError()),
  );
  return owned$.pipe(
    catchError((cause: unknown) => {
      if (!isOwner()) {
        record.emit({ type: 'refresh-failed', reason: 'session-changed' });
        return throwError(() => cause);
      }
      const { tokens, generation } = asked ?? record.state;
      // Another holder of the store was quicker; that is why this one was refused.
      if (record.state.generation !== generation && record.state.tokens) return of(null);
      const error = failureOf(cause, callbacks);
      watch.failed({ epoch, generation }, error);
      record.emit({
        type: 'refresh-failed',
        reason: error instanceof RefreshFailedError ? error.reason : 'rejected',
      });
      // A listener of that may have signed out or in: nothing of the former owner comes back.
      if (!isOwner()) return throwError(() => error);
      if (error instanceof RefreshFailedError || tokens === null) {
        record.move({ status: tokens ? 'signed-in' : 'signed-out', tokens, generation, epoch });
      } else {
        watch.refused(epoch, error);
        void store.write(null);
        expire('expired');
      }
      return throwError(() => error);
    }),
    concatMap((given) => (given ? of({ tokens: given, asked: asked !== null }) : newest())),
  );
}

function failureOf<T extends TokenSet>(
  cause: unknown,
  { classify }: Callbacks<T>,
): RefreshFailedError | SessionExpiredError {
  if (cause instanceof RefreshFailedError) return cause;
  if (cause instanceof TimeoutError) return new RefreshFailedError('timeout', cause);
  const kind = classify(cause);
  if (kind !== 'rejected') return new RefreshFailedError(kind, cause);
  return cause instanceof SessionExpiredError ? cause : new SessionExpiredError(undefined, cause);
}
