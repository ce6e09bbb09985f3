import type { Observable } from 'rxjs';
import { InvalidInputError, type SluiceError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { SessionState } from './session-state.ts';

/** What sends requests asks of a session. Behind a symbol, since no application needs it. */
export interface Gate {
  readonly state: SessionState;
  /**
   * What a request must wait for before it is sent, `null` if it may go now. Starts a refresh when the clock says so. To be
   * subscribed to at once; many who wait for the same get the same Observable.
   */
  hold(): Observable<unknown> | null;
  /**
   * What a request must wait for whose token, the current one, was rejected; `null` if no refresh can help. Tells whether
   * `refresh` has been called, or newer tokens were found.
   */
  renew(): Observable<{ readonly asked: boolean }> | null;
  /** Why a request made for `epoch` may not be sent again, when that is not the epoch any more. */
  changedSince(epoch: number): SluiceError;
  /** Whether a request is the running refresh's own: made synchronously in `refresh`, or with its signal. */
  isRefreshItself(signal?: unknown): boolean;
  /** The headers that carry the current token. */
  authorization(): Record<string, string>;
  emit(event: SessionEvent): void;
}

export const gateKey: unique symbol = Symbol.for('sluice.gate');

export function gateOf(session: { readonly [gateKey]: Gate }): Gate {
  const gate = (session as { readonly [gateKey]?: Gate } | undefined)?.[gateKey];
  if (!gate) throw new InvalidInputError('`session` must be what createSession() returned.');
  return gate;
}

/** The names of the headers that carry the token. A request that brings one of them has credentials of its own. */
export function credentialNames(gate: Gate, authorization: Record<string, string> = gate.authorization()): string[] {
  if (gate.state.tokens) return Object.keys(authorization);
  // Where the token would go is not known before there is one.
  return gate.state.status === 'restoring' ? [] : ['Authorization'];
}
