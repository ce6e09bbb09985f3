import { asyncScheduler } from 'rxjs';

/** How long values are emitted before other tasks of the event loop, such as timers, input and painting, may run, in milliseconds. */
const LONGEST_TURN_MS = 8;

/**
 * The time for which values are emitted before other tasks of the event loop may run.
 *
 * The clock is read at every second value only, because to read it can take a third as long as to parse a value.
 */
export class Turn {
  isOver = false;
  #endsAt = 0;
  #isEven = true;

  constructor() {
    this.begin();
  }

  begin(): void {
    this.isOver = false;
    this.#endsAt = asyncScheduler.now() + LONGEST_TURN_MS;
  }

  /** Must be called after each value: it sets `isOver` when the time is up. */
  count(): void {
    this.#isEven = !this.#isEven;
    if (this.#isEven) this.look();
  }

  /** Reads the clock, and sets `isOver` if the time of this turn is up, or unknown because the clock was set back. */
  look(): void {
    const left = this.#endsAt - asyncScheduler.now();
    this.isOver = left <= 0 || left > LONGEST_TURN_MS;
  }
}
