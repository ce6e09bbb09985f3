import { type Observable, of, tap, throwError } from 'rxjs';
import { unhealableError } from './challenge.ts';
import type { Gate } from './gate.ts';
import { headerOf } from './http-outcome.ts';
import type { SessionState } from './session-state.ts';

/** One request on its way through the gate: what it waits for, whether it may go, and what a 401 of it calls for. */
export interface Passage {
  /** What to wait for before it is sent; `null` if it may go now. To be asked again after the wait. */
  hold(): Observable<unknown> | null;
  /**
   * Notes that it is sent now.
   *
   * @throws SessionChangedError, or why that is so, if it may not be sent any more
   */
  send(): void;
  /** What to wait for before it is held and sent again after this 401; `null` if the 401 is its outcome. */
  heal(outcome: unknown): Observable<unknown> | null;
}

/** A request is sent at most three times: at once, after a late 401, and after the refresh that it caused. */
const MAX_SENDS = 3;
/** Nothing to wait for. */
const now$ = of(undefined);

/** @param made - the session when the request was made: it is for that owner only */
export function passage(gate: Gate, made: SessionState): Passage {
  const { epoch } = made;
  let { generation, tokens } = made;
  let sends = 0;
  let renewed = false;
  const changed = (): boolean => gate.state.epoch !== epoch;

  return {
    hold: () => (changed() ? null : gate.hold()),
    send: () => {
      if (!changed() && sends > 0) gate.emit({ type: 'request-resent', generation: gate.state.generation });
      // Looked at last: a refresh ahead of expiry may be refused at once, and a listener may sign out or in.
      if (changed()) throw gate.changedSince(epoch);
      ({ generation, tokens } = gate.state);
      sends += 1;
    },
    heal: (outcome) => {
      const challenge = unhealableError(headerOf(outcome, 'www-authenticate'));
      if (challenge !== undefined) {
        gate.emit({ type: 'challenged', error: challenge });
        return null;
      }
      // Sent for somebody who has left since. Sent for nobody: then the server's answer stands.
      if (changed()) return tokens && throwError(() => gate.changedSince(epoch));
      if (sends === MAX_SENDS) return null;
      // A late 401: newer tokens are in force already.
      if (generation !== gate.state.generation) return now$;
      if (renewed) return null;
      const renewal$ = gate.renew();
      // Tokens that the store had may have died there: they are worth a send, and the refresh is still to come.
      return (
        renewal$ &&
        renewal$.pipe(
          tap(({ asked }) => {
            renewed = asked;
          }),
        )
      );
    },
  };
}
