import { afterEach, beforeEach } from 'vitest';
import { pause } from './real-time.ts';

type Listener = (error: unknown) => void;
const kinds = ['uncaughtException', 'unhandledRejection'] as const;

export interface UnhandledWatch {
  /** Uncaught errors and unhandled rejections since the last check. */
  readonly errors: readonly unknown[];
  /** Waits for what is pending, then throws if anything was unhandled. */
  check(): Promise<void>;
  stop(): void;
}

/**
 * Watches for unhandled errors until stopped. With `alone`, no other listener gets them, not even the test runner:
 * for tests that cause one on purpose.
 */
export function watchUnhandled({ alone = false } = {}): UnhandledWatch {
  const errors: unknown[] = [];
  const listener: Listener = (error) => errors.push(error);
  const others = kinds.map((kind) => (alone ? (process.rawListeners(kind) as Listener[]) : []));
  kinds.forEach((kind, index) => {
    for (const other of others[index] ?? []) process.off(kind, other);
    process.on(kind, listener);
  });
  return {
    errors,
    async check() {
      // RxJS throws unhandled errors from a timer; a rejection counts as unhandled when the microtasks have run.
      await pause(1);
      await pause(1);
      const found = errors.splice(0);
      if (found.length > 0) throw new AggregateError(found, `unhandled: ${found.map(String).join('; ')}`);
    },
    stop() {
      kinds.forEach((kind, index) => {
        process.off(kind, listener);
        for (const other of others[index] ?? []) process.on(kind, other);
      });
    },
  };
}

/** In a test file or a `describe`: fails each test that leaves an error unhandled. */
export function failOnUnhandled(): void {
  let watch: UnhandledWatch;
  beforeEach(() => {
    watch = watchUnhandled();
  });
  afterEach(async () => {
    try {
      await watch.check();
    } finally {
      watch.stop();
    }
  });
}
