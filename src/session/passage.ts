import { type Observable, of, throwError } from 'rxjs';
import { unhealableError } from './challenge.ts';
import type { Gate } from './gate.ts';
import { headerOf } from './http-outcome.ts';
import type { SessionState } from './session-state.ts';

/** What has been waited for after a 401. */
export interface Healed {
  /** The app's `refresh` was called: that is not done twice for one request. */
  readonly asked: boolean;
}

/** A request is sent at most three times: at once, after a late 401, and after the refresh that it caused. */
const MAX_SENDS = 3;
/** Nothing to wait for. */
const now$: Observable<Healed> = of({ asked: false });

/**
 * One request on its way through the gate: what it waits for, whether it may go, and what a 401 of it calls for. A class, for thousands
 * may wait at once, and closures would be most of what they hold.
 */
export class Passage {
  readonly #gate: Gate;
  readonly #epoch: number;
  #sentIn: SessionState;
  #sends = 0;
  #renewed = false;

  /** @param made - the session when the request was made: it is for that owner only */
  constructor(gate: Gate, made: SessionState) {
    this.#gate = gate;
    this.#epoch = made.epoch;
    this.#sentIn = made;
  }

  get #changed(): boolean {
    return this.#gate.state.epoch !== this.#epoch;
  }

  /** What to wait for before it is sent; `null` if it may go now. To be asked again after the wait. */
  hold(): Observable<unknown> | null {
    return this.#changed ? null : this.#gate.hold();
  }

  /**
   * Notes that it is sent now.
   *
   * @throws SessionChangedError, or why that is so, if it may not be sent any more
   */
  send(): void {
    const gate = this.#gate;
    if (!this.#changed && this.#sends > 0) gate.emit({ type: 'request-resent', generation: gate.state.generation });
    // Looked at last: a refresh ahead of expiry may be refused at once, and a listener may sign out or in.
    if (this.#changed) throw gate.changedSince(this.#epoch);
    this.#sentIn = gate.state;
    this.#sends += 1;
  }

  /** What to wait for before it is held and sent again after this 401; `null` if the 401 is its outcome. */
  heal(outcome: unknown): Observable<Healed> | null {
    const gate = this.#gate;
    const challenge = unhealableError(headerOf(outcome, 'www-authenticate'));
    if (challenge !== undefined) {
      gate.emit({ type: 'challenged', error: challenge });
      return null;
    }
    // Sent for somebody who has left since. Sent for nobody: then the server's answer stands.
    if (this.#changed) return this.#sentIn.tokens && throwError(() => gate.changedSince(this.#epoch));
    if (this.#sends === MAX_SENDS) return null;
    // A late 401: newer tokens are in force already.
    if (this.#sentIn.generation !== gate.state.generation) return now$;
    return this.#renewed ? null : gate.renew();
  }

  /** Notes what that wait has given. */
  healed({ asked }: Healed): void {
    // Tokens that the store had may have died there: they are worth a send, and the refresh is still to come.
    this.#renewed ||= asked;
  }
}
