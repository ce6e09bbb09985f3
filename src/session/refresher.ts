import { asyncScheduler, defer, type Observable, throwError } from 'rxjs';
import { SessionChangedError, type SluiceError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import { type Expiry, expiryOf } from './expiry.ts';
import type { Gate } from './gate.ts';
import { type FlightContext, type FlightWatch, refreshFlight, type Refreshed } from './refresh-flight.ts';
import type { SessionState } from './session-state.ts';
import { singleFlight } from './single-flight.ts';
import type { TokenSet } from './token-set.ts';

/** Decides when a session refreshes. */
export interface Refresher<T extends TokenSet> extends Pick<Gate, 'hold' | 'renew' | 'changedSince'> {
  /** Starts a refresh, or joins the one in flight. */
  start(reason: RefreshReason): Observable<Refreshed<T>>;
  /** Notes the expiry of tokens that come into force. */
  measure(tokens: T, justReceived: boolean): void;
  /** Puts tokens into force that another holder of the store got. */
  adopt(tokens: T): void;
  isItself(signal?: unknown): boolean;
}

export function refresher<T extends TokenSet>(context: FlightContext<T>): Refresher<T> {
  const { options, record, callbacks } = context;
  const now = (): number => asyncScheduler.now();
  let expiry: Expiry = expiryOf(null, 0);
  let reason: RefreshReason = 'requested';
  /** The generation whose token a server has rejected. */
  let rejected = -1;
  /** How `refresh` last ended, and for which owner and generation that holds: what it gave, or what it failed for. */
  let last:
    (Pick<SessionState, 'epoch' | 'generation'> & { readonly at: number; readonly error?: SluiceError }) | null = null;
  let expired: { readonly epoch: number; readonly error: SluiceError } | null = null;
  /** That of the run in progress. */
  let signal: AbortSignal | null = null;
  let inside = false;

  const measure = (tokens: T, justReceived: boolean): void => {
    expiry = expiryOf(tokens, options.refreshLeewayMs, justReceived ? now() : undefined);
  };
  const enforce: FlightWatch<T>['enforce'] = (tokens, type, isSettled = false) => {
    const { epoch, status } = record.state;
    const isRefreshing = status === 'refreshing' && !isSettled;
    const generation = record.state.generation + 1;
    measure(tokens, true);
    if (type === 'refresh-succeeded') last = { at: now(), epoch, generation };
    record.move(
      isRefreshing ? { ...record.state, tokens, generation } : { status: 'signed-in', tokens, generation, epoch },
      { type, generation },
    );
  };
  const watch: FlightWatch<T> = {
    isRejected: () => rejected === record.state.generation,
    enforce,
    failed: ({ epoch, generation }, error) => {
      last = { at: now(), epoch, generation, error };
    },
    refused: (epoch, error) => {
      expired = { epoch, error };
    },
    began: (its) => {
      signal = its;
    },
    inside: (yes) => {
      inside = yes;
    },
  };
  const join = singleFlight(defer(() => refreshFlight(context, watch, reason)));
  const recent = (): typeof last => {
    const { epoch, generation } = record.state;
    return last?.epoch === epoch && last.generation === generation && now() - last.at < options.minRefreshIntervalMs
      ? last
      : null;
  };
  const start = (why: RefreshReason): Observable<Refreshed<T>> =>
    defer(() => {
      reason = why;
      return join();
    });

  return {
    start,
    measure,
    adopt: (tokens) => {
      enforce(tokens, 'tokens-adopted');
    },
    isItself: (its) => inside || (its != null && its === signal),
    changedSince: (epoch) => (expired?.epoch === epoch ? expired.error : new SessionChangedError()),
    hold: () => {
      const { status, tokens, generation } = record.state;
      if (status === 'signed-out') return null;
      const at = now();
      const dead = at >= expiry.deadAt;
      if (status === 'refreshing') return tokens === null || rejected === generation || dead ? join() : null;
      if (at < expiry.refreshAt || !callbacks.canRefresh(tokens)) return null;
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
      if (status === 'refreshing') return join();
      const settled = recent();
      const error = settled?.error;
      if (error) return throwError(() => error);
      // Rejected as soon as it was made: another would be, too. Unless the clock says that it has died already.
      if ((settled && now() < expiry.deadAt) || !callbacks.canRefresh(tokens)) return null;
      return start('unauthorized');
    },
  };
}
