/**
 * A clock that stands still unless it is told to move, and a constant in place of random numbers. RxJS and Sluice
 * read the time, set timers and get random numbers through these four functions only. The time that is shown (`now`)
 * is separate from what timers count (`elapsed`), because the former can be set.
 */
export interface Clock {
  /** The time that this machine shows, in epoch milliseconds. */
  readonly now: number;
  /** The time that has really passed, in milliseconds, sleep included. The server's clock follows it. */
  readonly elapsed: number;
  /** The same without the time that the machine has slept. */
  readonly awake: number;
  /** How often the shown time has been set. */
  readonly jumps: number;
  /** Moves on, and runs what becomes due, in order. */
  pass(ms: number): void;
  /** Sets the shown time ahead, or back if `ms` is negative. No time passes. */
  jump(ms: number): void;
  /** Moves on while no timer fires; then the overdue timers fire, each once. */
  sleep(ms: number): void;
  /** Drops all timers. */
  reset(): void;
  [Symbol.dispose](): void;
}

interface Timer {
  due: number;
  readonly every: number;
  readonly run: () => void;
}

export function fakeClock(start: number): Clock {
  const real = { setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval };
  const { now: realNow } = Date;
  const { random } = Math;
  const timers = new Map<number, Timer>();
  let elapsed = 0;
  let slept = 0;
  let jumps = 0;
  let offset = start;
  let ids = 0;
  const nextDue = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers.values()) if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
    return next;
  };
  Date.now = () => offset + elapsed;
  Math.random = () => 0.5;
  let chances = 0;
  // As different from each other as random ones, so that owners, holders and writes get different names.
  crypto.getRandomValues = (array) => {
    new DataView(array.buffer).setUint32(array.byteOffset, (chances += 1));
    return array;
  };
  globalThis.setInterval = ((run: () => void, ms = 0): number => {
    ids += 1;
    timers.set(ids, { due: elapsed + ms, every: Math.max(1, ms), run });
    return ids;
  }) as never;
  globalThis.clearInterval = ((id: number): void => void timers.delete(id)) as never;

  return {
    get now() {
      return offset + elapsed;
    },
    get elapsed() {
      return elapsed;
    },
    get awake() {
      return elapsed - slept;
    },
    get jumps() {
      return jumps;
    },
    pass(ms) {
      const end = elapsed + ms;
      for (let timer; (timer = nextDue(end));) {
        elapsed = timer.due;
        timer.due += timer.every;
        timer.run();
      }
      elapsed = end;
    },
    jump(ms) {
      offset += ms;
      jumps += 1;
    },
    sleep(ms) {
      elapsed += ms;
      slept += ms;
      for (let timer; (timer = nextDue(elapsed));) {
        timer.due = elapsed + timer.every;
        timer.run();
      }
    },
    reset() {
      timers.clear();
      offset = start - elapsed;
    },
    [Symbol.dispose]() {
      Object.assign(globalThis, real);
      Object.assign(Date, { now: realNow });
      Object.assign(Math, { random });
    },
  };
}
