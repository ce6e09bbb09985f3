import {
  asyncScheduler,
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
import { type Expiry, expiryOf } from './expiry.ts';
import type { Gate } from './gate.ts';
import { runRefresh } from './run-refresh.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionState } from './session-state.ts';
import { singleFlight } from './single-flight.ts';
import { failureName, type StoreAccess } from './store-access.ts';
import { isSame, type TokenSet } from './token-set.ts';

/** Decides when a session refreshes, and carries it out. */
export interface Refresher<T extends TokenSet> extends Pick<Gate, 'hold' | 'renew' | 'changedSince'> {
  /** Starts a refresh, or joins the one in flight. */
  start(reason: RefreshReason): Observable<T>;
  /** Notes the expiry of tokens that come into force. */
  measure(tokens: T, justReceived: boolean): void;
  /** Puts tokens into force that another holder of the store got. */
  adopt(tokens: T): void;
  isItself(signal?: unknown): boolean;
}

/** What a refresh needs of its session. */
export interface RefresherContext<T extends TokenSet> {
  readonly options: ResolvedOptions<T>;
  readonly record: SessionRecord<T>;
  readonly store: StoreAccess<T>;
  readonly callbacks: Callbacks<T>;
  /** Emits at each change of owner. */
  readonly changes$: Observable<void>;
  /** Signs the session out. */
  expire(reason: 'expired' | 'elsewhere'): void;
}

export function refresher<T extends TokenSet>(context: RefresherContext<T>): Refresher<T> {
  const { options, record, store, callbacks, changes$, expire } = context;
  const now = (): number => asyncScheduler.now();
  let expiry: Expiry = expiryOf(null, 0);
  let reason: RefreshReason = 'requested';
  /** The generation whose token a server has rejected. */
  let rejected = -1;
  /** How the last refresh ended, and for which owner and generation that holds. */
  let last:
    (Pick<SessionState, 'epoch' | 'generation'> & { readonly at: number; readonly error?: SluiceError }) | null = null;
  let expired: { readonly epoch: number; readonly error: SluiceError } | null = null;
  /** That of the run in progress. Never `undefined`, which is what a request without a signal has. */
  let signal: AbortSignal | null = null;
  let inside = false;

  const measure = (tokens: T, justReceived: boolean): void => {
    expiry = expiryOf(tokens, options.refreshLeewayMs, justReceived ? now() : undefined);
  };
  const enforce = (
    tokens: T,
    type: 'refresh-succeeded' | 'tokens-adopted',
    status: 'signed-in' | 'refreshing',
  ): void => {
    const { epoch, reason: why } = record.state;
    const generation = record.state.generation + 1;
    measure(tokens, true);
    record.move(
      { status, tokens, generation, epoch, ...(status === 'refreshing' && why !== undefined && { reason: why }) },
      { type, generation },
    );
  };
  const statusNow = (): 'signed-in' | 'refreshing' =>
    record.state.status === 'refreshing' ? 'refreshing' : 'signed-in';

  const flight$ = defer(() => {
    const { tokens, generation, epoch } = record.state;
    const isCurrent = (): boolean => record.state.epoch === epoch && record.state.generation === generation;
    const settleFor = (newer: T): T => {
      record.move({ status: 'signed-in', tokens: newer, generation: record.state.generation, epoch });
      return newer;
    };
    record.move({ ...record.state, status: 'refreshing', reason }, { type: 'refresh-started', reason, generation });

    const fetched$ = runRefresh(options, tokens, reason, {
      began: (its) => {
        signal = its;
      },
      inside: (yes) => {
        inside = yes;
      },
      // After its timeout: the server may have rotated, so these are the only good ones.
      late: (next) => {
        if (isCurrent()) {
          void store.write(next);
          enforce(next, 'refresh-succeeded', statusNow());
        } else if (record.state.epoch !== epoch) callbacks.revoke(next);
      },
    }).pipe(
      tap((next) => {
        if (rejected === generation && next.accessToken === tokens?.accessToken)
          throw new RefreshFailedError('same-token');
      }),
      // Stored before anybody goes on. A change of owner meanwhile makes them nobody's.
      concatMap((next) => {
        const began = record.state.generation;
        return store.write(next).pipe(
          ignoreElements(),
          tap({
            unsubscribe: () => {
              callbacks.revoke(next);
            },
          }),
          endWith(next),
          map((written) => {
            // Another holder wrote after this one: the store has theirs.
            if (record.state.generation !== began) return settleFor(record.state.tokens ?? written);
            enforce(written, 'refresh-succeeded', 'signed-in');
            return written;
          }),
        );
      }),
    );
    // A listener of what was just told may have signed out, or someone while the lock was waited for.
    const work$ = defer(() => (record.state.epoch === epoch ? store.read$ : EMPTY)).pipe(
      concatMap((stored) => {
        // Also what a write that seemed to fail has left there.
        if (stored === undefined || !store.isForeign(stored) || isSame(stored, record.state.tokens)) return fetched$;
        store.adopt(stored);
        if (stored === null) {
          expire('elsewhere');
          return EMPTY;
        }
        enforce(stored, 'tokens-adopted', 'signed-in');
        return of(stored);
      }),
      takeUntil(changes$),
    );
    const lockFailed = (error: unknown): void => {
      record.emit({ type: 'store-failed', operation: 'lock', message: failureName(error) });
    };

    const alone$ = exclusive(options.store, work$, 2 * options.refreshTimeoutMs, lockFailed);
    const owned$ = (record.state.epoch === epoch ? alone$ : EMPTY).pipe(
      // Also where the lock has not been granted yet.
      takeUntil(changes$),
      throwIfEmpty(() => new SessionChangedError()),
    );
    return owned$.pipe(
      tap(() => {
        last = { at: now(), epoch, generation: record.state.generation };
      }),
      catchError((cause: unknown) => {
        if (record.state.epoch !== epoch) {
          record.emit({ type: 'refresh-failed', reason: 'session-changed' });
          return throwError(() => cause);
        }
        // Another holder of the store was quicker; that is why this one was refused.
        if (!isCurrent() && record.state.tokens) return of(settleFor(record.state.tokens));
        const error = failureOf(cause);
        last = { at: now(), epoch, generation, error };
        record.emit({
          type: 'refresh-failed',
          reason: error instanceof RefreshFailedError ? error.reason : 'rejected',
        });
        // A listener of that may have signed out or in: nothing of the former owner comes back.
        if (record.state.epoch !== epoch) return throwError(() => error);
        if (error instanceof RefreshFailedError || tokens === null) {
          record.move({ status: tokens ? 'signed-in' : 'signed-out', tokens, generation, epoch });
        } else {
          expired = { epoch, error };
          void store.write(null);
          expire('expired');
        }
        return throwError(() => error);
      }),
    );
  }).pipe(singleFlight());

  const failureOf = (cause: unknown): RefreshFailedError | SessionExpiredError => {
    if (cause instanceof RefreshFailedError) return cause;
    if (cause instanceof TimeoutError) return new RefreshFailedError('timeout', cause);
    const kind = callbacks.classify(cause);
    if (kind !== 'rejected') return new RefreshFailedError(kind, cause);
    return cause instanceof SessionExpiredError ? cause : new SessionExpiredError(undefined, cause);
  };
  const recent = (): typeof last => {
    const { epoch, generation } = record.state;
    return last?.epoch === epoch && last.generation === generation && now() - last.at < options.minRefreshIntervalMs
      ? last
      : null;
  };
  const start = (why: RefreshReason): Observable<T> =>
    defer(() => {
      reason = why;
      return flight$;
    });

  return {
    start,
    measure,
    adopt: (tokens) => {
      enforce(tokens, 'tokens-adopted', statusNow());
    },
    isItself: (its) => inside || its === signal,
    changedSince: (epoch) => (expired?.epoch === epoch ? expired.error : new SessionChangedError()),
    hold: () => {
      const { status, tokens, generation } = record.state;
      if (status === 'signed-out') return null;
      const dead = now() >= expiry.deadAt;
      if (status === 'refreshing') return tokens === null || rejected === generation || dead ? flight$ : null;
      if (now() < expiry.refreshAt || !callbacks.canRefresh(tokens)) return null;
      const settled = recent();
      const error = settled?.error;
      if (error && dead) return throwError(() => error);
      // Refreshed just now and dead already: it is for the server to say so, or there would be no end of it.
      if (settled) return null;
      if (dead) return start('expiring');
      // Ahead of expiry: nobody waits for it, and nobody minds if it fails.
      start('expiring').subscribe({ error: () => undefined });
      return null;
    },
    renew: () => {
      const { status, tokens, generation } = record.state;
      rejected = generation;
      if (status === 'refreshing') return flight$;
      const settled = recent();
      const error = settled?.error;
      if (error) return throwError(() => error);
      // Rejected as soon as it was made: another would be, too. Unless the clock says that it has died already.
      if ((settled && now() < expiry.deadAt) || !callbacks.canRefresh(tokens)) return null;
      return start('unauthorized');
    },
  };
}
