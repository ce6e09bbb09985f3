import { Subscription } from 'rxjs';
import type { Expectation } from './expectation.ts';
import type { SendLog } from './send-log.ts';
import type { ServerRules } from './server-rules.ts';

/** How long a run goes on for subscriptions that are open after the last frame of all diagrams, in milliseconds. */
const LONGEST_REST_MS = 1_000;

/** Runs the clock for expectations: one run for all that are stated before the run begins, and one run after another. */
export class MarbleRuns {
  readonly #advance: (ms: number) => Promise<void>;
  readonly #log: SendLog;
  readonly #rules: ServerRules;
  #stated: Expectation[] = [];
  /** The run that has not begun yet. Expectations that are stated until it begins belong to it. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param advance - moves the clock by some milliseconds
   * @param streamsRead - resolves when the client has read what was sent of streams
   */
  constructor(
    advance: (ms: number) => Promise<void>,
    log: SendLog,
    rules: ServerRules,
    streamsRead: () => Promise<unknown>,
  ) {
    this.#advance = async (ms) => {
      if (!rules.streams) return advance(ms);
      // The reader of a stream pauses now and then in real time, which no fake clock moves. So stop in each frame until everything is read:
      // otherwise chunks would be emitted in later frames than the test has sent them in.
      for (let frame = 0; frame <= ms; frame += 1) {
        await advance(frame === 0 ? 0 : 1);
        await streamsRead();
      }
    };
    this.#log = log;
    this.#rules = rules;
  }

  /** Runs the clock, and rejects if the expectation is not met. */
  async state(expectation: Expectation): Promise<void> {
    this.#stated.push(expectation);
    this.#next ??= this.#last = this.#last.catch(() => undefined).then(() => this.#run());
    await this.#next;
    expectation.check();
  }

  async #run(): Promise<void> {
    const all = this.#stated;
    this.#stated = [];
    this.#next = undefined;
    this.#log.beginRun();
    const frame = (): number => this.#log.frame;
    const subscriptions = new Subscription();
    try {
      // Schedule all unsubscribing first, so that it comes before the other events of the same frame, as in RxJS's TestScheduler.
      for (const one of all) subscriptions.add(one.scheduleEnd());
      for (const one of all) subscriptions.add(one.scheduleStart(frame));
      await this.#advance(Math.max(...all.map(({ lastFrame }) => lastFrame)));
      if (all.some(({ isOpen }) => isOpen)) await this.#advance(LONGEST_REST_MS);
    } finally {
      this.#log.endRun(() => {
        subscriptions.unsubscribe();
      });
    }
    this.#rules.throwFailure();
    const sent = this.#log.told();
    for (const one of all) one.sent = sent;
  }
}
