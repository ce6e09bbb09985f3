/** A clock that stands still unless it is told to go on. All that RxJS and Sluice ask for the time goes through these three. */
export interface Clock {
  readonly now: number;
  /** Goes on, running what becomes due in order. */
  pass(ms: number): void;
  /** Forgets what is still to come. */
  reset(): void;
  [Symbol.dispose](): void;
}

interface Timer {
  due: number;
  readonly every: number;
  readonly run: () => void;
}

export function fakeClock(start: number): Clock {
  const real = { now: Date.now, setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval };
  const timers = new Map<number, Timer>();
  let now = start;
  let ids = 0;
  Date.now = () => now;
  globalThis.setInterval = ((run: () => void, ms = 0): number => {
    ids += 1;
    timers.set(ids, { due: now + ms, every: Math.max(1, ms), run });
    return ids;
  }) as never;
  globalThis.clearInterval = ((id: number): void => void timers.delete(id)) as never;

  return {
    get now() {
      return now;
    },
    pass(ms) {
      const end = now + ms;
      for (;;) {
        let next: Timer | undefined;
        for (const timer of timers.values()) if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
        if (!next) break;
        now = next.due;
        next.due += next.every;
        next.run();
      }
      now = end;
    },
    reset() {
      timers.clear();
    },
    [Symbol.dispose]() {
      Object.assign(globalThis, { setInterval: real.setInterval, clearInterval: real.clearInterval });
      Date.now = real.now;
    },
  };
}
