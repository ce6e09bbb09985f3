import {
  catchError,
  concatMap,
  defer,
  map,
  merge,
  type Observable,
  of,
  Subject,
  take,
  takeLast,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import type { RefreshCall } from './call-refresh.ts';
import type { Freshness } from './freshness.ts';
import { newOwner } from './owner.ts';
import { type RefreshFault, refreshFailed, type SafeCallbacks } from './safe-callbacks.ts';
import { RefreshFailedError } from './session-errors.ts';
import type { SessionRecord } from './session-record.ts';
import type { RefreshLease, Stored, StorePort } from './store-port.ts';
import type { TokenSet } from './token-set.ts';

/** The outcome of one refresh. The session's state has not changed yet: the refresher applies the outcome. */
export type RefreshOutcome<T extends TokenSet> =
  /** The app's `refresh` returned these tokens, and they are stored. */
  | { readonly kind: 'refreshed'; readonly owner: string; readonly tokens: T }
  /** Another holder of the store (a session that shares it) has written newer tokens, or those of another sign-in. */
  | { readonly kind: 'adopted'; readonly stored: Stored<T> }
  /**
   * Nothing is to be applied: the session has newer tokens of the same owner already, or the port's `news$` has told it what another holder
   * wrote.
   */
  | { readonly kind: 'superseded' }
  /** Another holder has emptied the store. */
  | { readonly kind: 'signed-out-elsewhere'; readonly stored: Stored<T> }
  /** The refresh failed. If it was refused for good, the store has been emptied, unless that write failed. */
  | ({ readonly kind: 'failed' } & RefreshFault);

/** What a refresh reads. A refresh writes to the store only, and does not change the session's state. */
export interface FlightContext<T extends TokenSet> {
  readonly record: Pick<SessionRecord<T>, 'state'>;
  readonly freshness: Pick<Freshness, 'isRejected'>;
  readonly store: StorePort<T>;
  readonly callbacks: SafeCallbacks<T>;
}

/**
 * One refresh, cold: waits for its turn among all sessions of the store, calls `refresh` unless another session was quicker, and stores the
 * result. Emits one outcome and never errors. Must be unsubscribed when the owner changes: the store's turn emits nothing then, and the
 * refresh would never end.
 */
export function refreshFlight<T extends TokenSet>(
  context: FlightContext<T>,
  call: RefreshCall<T>,
): Observable<RefreshOutcome<T>> {
  const { record, freshness, store, callbacks } = context;
  const { generation: started } = record.state;

  return store.turn({ ignoreFailure: call.reason === 'requested' }).pipe(
    catchError((cause: unknown) => throwError(() => new RefreshFailedError('unavailable', cause))),
    concatMap((turn): Observable<RefreshOutcome<T>> => {
      if (turn.kind === 'newer') return of(overtakenBy(turn.stored));
      if (turn.kind === 'failed') {
        const { reason, retryAfterMs } = turn.failure;
        return of({ kind: 'failed', error: refreshFailed(reason, undefined, retryAfterMs), retryAfterMs });
      }
      // The session got newer tokens while this refresh waited for its turn. The refresh is not needed any more, unless a server has
      // rejected those tokens already.
      if (record.state.generation !== started && !freshness.isRejected) return of({ kind: 'superseded' });
      const decided$ = new Subject<void>();
      const decide = (): void => {
        decided$.next();
      };
      return merge(
        underLease(context, call, turn.lease).pipe(tap({ next: decide, error: decide })),
        // Unsubscribe from `lost$` once `underLease` has an outcome. `take(1)` below would drop what `lost$` emits later, but the store
        // would assume that the session knows of it, and the session would miss another holder's write.
        turn.lease.lost$.pipe(map(overtakenBy), takeUntil(decided$)),
      );
    }),
    catchError((cause: unknown) =>
      of<RefreshOutcome<T>>({ kind: 'failed', ...callbacks.faultOf(cause, record.state.tokens) }),
    ),
    // Unsubscribe from the turn at the outcome: that releases the right to refresh, for which other sessions of the store may be waiting.
    take(1),
  );
}

function overtakenBy<T extends TokenSet>(stored: Stored<T> | 'known'): RefreshOutcome<T> {
  if (stored === 'known') return { kind: 'superseded' };
  return stored.tokens ? { kind: 'adopted', stored } : { kind: 'signed-out-elsewhere', stored };
}

/**
 * Calls `refresh`, and writes its tokens or its failure to the store. Other holders read the failure there and do not repeat the refresh at
 * once.
 */
function underLease<T extends TokenSet>(
  { record, freshness, callbacks }: FlightContext<T>,
  call: RefreshCall<T>,
  lease: RefreshLease<T>,
): Observable<RefreshOutcome<T>> {
  const { tokens: current, generation } = record.state;
  /**
   * Whether tokens with another refresh token became current during the call of `refresh`. The result of the call is then dropped, because
   * it belongs to the former tokens.
   */
  const isOvertaken = (): boolean =>
    record.state.generation !== generation && record.state.tokens?.refreshToken !== current?.refreshToken;

  const fetched$ = call.tokens$(current, generation).pipe(
    tap(({ accessToken, refreshToken }) => {
      const isSame = accessToken === record.state.tokens?.accessToken && refreshToken === current?.refreshToken;
      // If the refresh token is a new one, it must be kept: the server may accept no other any more.
      if (freshness.isRejected && isSame) throw new RefreshFailedError('same-token');
    }),
    map((tokens) => ({ tokens })),
    catchError((cause: unknown) => of({ cause })),
  );
  return fetched$.pipe(
    concatMap((result): Observable<RefreshOutcome<T>> => {
      if (isOvertaken()) return of({ kind: 'superseded' });
      if ('cause' in result) return failedUnder(lease, callbacks.faultOf(result.cause, current), current !== null);
      const { tokens } = result;
      // A refresh without an owner restores a cookie session and creates its owner, unless late tokens of an earlier call have done so.
      const owner = record.state.owner ?? newOwner();
      return lease.commit(owner, tokens).pipe(
        takeLast(1),
        map((commit): RefreshOutcome<T> =>
          commit.kind === 'committed' ? { kind: 'refreshed', owner, tokens } : overtakenBy(commit.stored),
        ),
        catchError((cause: unknown) => throwError(() => new RefreshFailedError('unavailable', cause))),
      );
    }),
  );
}

/**
 * Writes the failure to the store, so that other holders do not repeat the refresh at once. After a refusal it empties the store, unless
 * the store has newer tokens.
 */
function failedUnder<T extends TokenSet>(
  lease: RefreshLease<T>,
  fault: RefreshFault,
  isSignedIn: boolean,
): Observable<RefreshOutcome<T>> {
  const failed: RefreshOutcome<T> = { kind: 'failed', ...fault };
  const { error, retryAfterMs } = fault;
  if (error.code === 'refresh-failed')
    return lease.fail({ reason: error.reason, retryAfterMs }).pipe(map(() => failed));
  if (!isSignedIn) return of(failed);
  return defer(() => lease.refuse()).pipe(
    map((commit) => (commit.kind === 'overtaken' ? overtakenBy(commit.stored) : failed)),
    catchError(() => of(failed)),
  );
}
