import { asyncScheduler } from 'rxjs';

/** How long a turn lasts, in milliseconds. */
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

  /** Call it after each value. */
  count(): void {
    this.#isEven = !this.#isEven;
    if (this.#isEven) this.look();
  }

  /** Reads the clock. */
  look(): void {
    this.isOver = asyncScheduler.now() >= this.#endsAt;
  }
}
