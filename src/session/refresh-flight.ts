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
} from 'rxjs';
import type { RefreshCall } from './call-refresh.ts';
import { RefreshFailedError, SessionExpiredError } from './errors.ts';
import type { Freshness } from './freshness.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import { failureName, type StoreAccess } from './store-access.ts';
import { hasSameAccessToken, type TokenSet } from './token-set.ts';
import { exclusive } from './with-store-lock.ts';

/** What one refresh came to. Nothing of it is in force yet. */
export type RefreshOutcome<T extends TokenSet> =
  /** The app's `refresh` gave these, and they are stored. */
  | { readonly kind: 'refreshed'; readonly tokens: T }
  /** Another holder of the store had refreshed already. */
  | { readonly kind: 'adopted'; readonly tokens: T }
  /** Newer tokens of the same owner have come into force meanwhile. */
  | { readonly kind: 'superseded' }
  /** Another holder has emptied the store. */
  | { readonly kind: 'signed-out-elsewhere' }
  /** @see RefreshFailedError for now, SessionExpiredError for good */
  | { readonly kind: 'failed'; readonly error: RefreshFailedError | SessionExpiredError };

/** What a refresh reads. It changes none of it, except that it writes to the store. */
export interface FlightContext<T extends TokenSet> {
  readonly options: ResolvedOptions<T>;
  readonly record: Pick<SessionRecord<T>, 'state' | 'emit' | 'ownerChanged$'>;
  readonly freshness: Pick<Freshness, 'isRejected'>;
  readonly store: StoreAccess<T>;
  readonly callbacks: SafeCallbacks<T>;
}

/**
 * One refresh, cold: takes the store's lock, looks in the store for newer tokens, calls `refresh` if there are none, and stores the
 * result. To be unsubscribed when the owner changes. Emits one outcome.
 */
export function refreshFlight<T extends TokenSet>(
  context: FlightContext<T>,
  call: RefreshCall<T>,
): Observable<RefreshOutcome<T>> {
  const { options, record, freshness, store, callbacks } = context;
  const { generation: started, epoch } = record.state;

  // The owner may change while the lock is waited for.
  const work$ = defer(() => (record.state.epoch === epoch ? store.read$ : EMPTY)).pipe(
    concatMap((stored): Observable<RefreshOutcome<T>> => {
      // Adopt only what another holder wrote: not the current tokens, and not a write of our own that was reported as failed
      // but took effect.
      if (stored !== undefined && store.isForeign(stored) && !hasSameAccessToken(stored, record.state.tokens)) {
        store.adopt(stored);
        return of(stored === null ? { kind: 'signed-out-elsewhere' } : { kind: 'adopted', tokens: stored });
      }
      // `changes$` delivered newer tokens while this refresh waited for the lock or the store. The refresh token they replaced
      // has been spent, so it is not presented, unless a server has rejected the newer tokens already.
      return record.state.generation !== started && !freshness.isRejected(record.state)
        ? of({ kind: 'superseded' })
        : fetchAndStore(context, call);
    }),
    takeUntil(record.ownerChanged$),
  );
  return exclusive(options.store, work$, 2 * options.refreshTimeoutMs, (error) => {
    record.emit({ type: 'store-failed', operation: 'lock', message: failureName(error) });
  }).pipe(
    catchError((cause: unknown): Observable<RefreshOutcome<T>> => {
      const generation = call.generation < 0 ? record.state.generation : call.generation;
      // Another holder of the store was quicker; that is why this refresh was refused.
      if (record.state.generation !== generation && record.state.tokens) return of({ kind: 'superseded' });
      return of({ kind: 'failed', error: callbacks.failureOf(cause) });
    }),
  );
}

/** Calls `refresh` and stores the result. */
function fetchAndStore<T extends TokenSet>(
  { record, freshness, store, callbacks }: FlightContext<T>,
  call: RefreshCall<T>,
): Observable<RefreshOutcome<T>> {
  const { tokens: current, generation } = record.state;
  return call.tokens$(current, generation).pipe(
    tap((next) => {
      if (freshness.isRejected(record.state) && hasSameAccessToken(next, record.state.tokens))
        throw new RefreshFailedError('same-token');
    }),
    concatMap((tokens) => {
      const before = record.state.generation;
      return store.write(tokens).pipe(
        ignoreElements(),
        // A change of owner during the write makes the tokens nobody's.
        tap({
          unsubscribe: () => {
            callbacks.revoke(tokens);
          },
        }),
        endWith(null),
        map((): RefreshOutcome<T> =>
          record.state.generation === before ? { kind: 'refreshed', tokens } : { kind: 'superseded' },
        ),
      );
    }),
  );
}
