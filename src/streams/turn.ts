import { asyncScheduler } from 'rxjs';

/** How long a turn lasts, in milliseconds. */
const LONGEST_TURN_MS = 8;

/** After how many values the clock is read at the latest. */
const LONGEST_STRIDE = 8;

/**
 * The time for which values are emitted before other tasks of the event loop may run.
 *
 * To read the clock for each value could take as long as to parse the value. Therefore, the clock is read at every eighth value as long as
 * eight values take less than a millisecond, and for each value when the subscriber is slow.
 */
export class Turn {
  isOver = false;
  #endsAt = 0;
  /** When the clock was last read. */
  #readAt = 0;
  /** After how many values the clock is read, and how many of them are left. */
  #stride = 1;
  #left = 1;

  constructor() {
    this.begin();
  }

  begin(): void {
    this.isOver = false;
    this.#readAt = asyncScheduler.now();
    this.#endsAt = this.#readAt + LONGEST_TURN_MS;
  }

  /** Call it after each value. */
  count(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    const now = asyncScheduler.now();
    this.#stride = now === this.#readAt ? Math.min(this.#stride * 2, LONGEST_STRIDE) : 1;
    this.#left = this.#stride;
    this.#readAt = now;
    this.isOver = now >= this.#endsAt;
  }
}
