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
import { RefreshFailedError } from './errors.ts';
import type { Freshness } from './freshness.ts';
import { newOwner } from './owner.ts';
import { type RefreshFault, refreshFailed, type SafeCallbacks } from './safe-callbacks.ts';
import type { SessionRecord } from './session-record.ts';
import type { RefreshLease, Stored, StorePort } from './store-port.ts';
import type { TokenSet } from './token-set.ts';

/** What one refresh came to. Nothing of it is in force yet. */
export type RefreshOutcome<T extends TokenSet> =
  /** The app's `refresh` gave these, and they are stored. */
  | { readonly kind: 'refreshed'; readonly owner: string; readonly tokens: T }
  /** Another holder of the store has written: newer tokens, or those of another sign-in. */
  | { readonly kind: 'adopted'; readonly stored: Stored<T> }
  /** Newer tokens of the same owner have come into force meanwhile, or another holder has taken this refresh over. */
  | { readonly kind: 'superseded' }
  /** Another holder has emptied the store. */
  | { readonly kind: 'signed-out-elsewhere'; readonly stored: Stored<T> }
  /** For now, or for good: then the store has been emptied. */
  | ({ readonly kind: 'failed' } & RefreshFault);

/** What a refresh reads. It changes none of it, except that it writes to the store. */
export interface FlightContext<T extends TokenSet> {
  readonly record: Pick<SessionRecord<T>, 'state'>;
  readonly freshness: Pick<Freshness, 'isRejected'>;
  readonly store: StorePort<T>;
  readonly callbacks: SafeCallbacks<T>;
}

/**
 * One refresh, cold: waits for its turn among all who share the store, calls `refresh` unless another holder has been quicker, and
 * stores the result. To be unsubscribed when the owner changes. Emits one outcome.
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
      // Newer tokens came while this refresh waited for its turn. The refresh token they replaced has been spent, so it is not
      // presented, unless a server has rejected the newer tokens already.
      if (record.state.generation !== started && !freshness.isRejected) return of({ kind: 'superseded' });
      const decided$ = new Subject<void>();
      const decide = (): void => {
        decided$.next();
      };
      return merge(
        underLease(context, call, turn.lease).pipe(tap({ next: decide, error: decide })),
        // What it tells after that would be told to nobody, and the store would take it for known.
        turn.lease.lost$.pipe(map(overtakenBy), takeUntil(decided$)),
      );
    }),
    catchError((cause: unknown) =>
      of<RefreshOutcome<T>>({ kind: 'failed', ...callbacks.faultOf(cause, record.state.tokens) }),
    ),
    // One outcome ends the turn, which gives the lease back.
    take(1),
  );
}

function overtakenBy<T extends TokenSet>(stored: Stored<T> | 'known'): RefreshOutcome<T> {
  if (stored === 'known') return { kind: 'superseded' };
  return stored.tokens ? { kind: 'adopted', stored } : { kind: 'signed-out-elsewhere', stored };
}

/** Calls `refresh` and stores what it comes to. */
function underLease<T extends TokenSet>(
  { record, freshness, callbacks }: FlightContext<T>,
  call: RefreshCall<T>,
  lease: RefreshLease<T>,
): Observable<RefreshOutcome<T>> {
  const { tokens: current, generation } = record.state;
  /** Others have brought tokens meanwhile, so that what was presented is not what counts any more. */
  const isOvertaken = (): boolean =>
    record.state.generation !== generation && record.state.tokens?.refreshToken !== current?.refreshToken;

  const fetched$ = call.tokens$(current, generation).pipe(
    tap(({ accessToken }) => {
      if (freshness.isRejected && accessToken === record.state.tokens?.accessToken)
        throw new RefreshFailedError('same-token');
    }),
    map((tokens) => ({ tokens })),
    catchError((cause: unknown) => of({ cause })),
  );
  return fetched$.pipe(
    concatMap((result): Observable<RefreshOutcome<T>> => {
      if (isOvertaken()) return of({ kind: 'superseded' });
      if ('cause' in result) return failedUnder(lease, callbacks.faultOf(result.cause, current), current !== null);
      const { tokens } = result;
      // A cookie session is restored by its refresh: that gives it an owner, unless another answer has done so meanwhile.
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

/** Tells the store of a failure. A refusal for good empties it, unless others have written. */
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
