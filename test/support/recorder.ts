import { Subscriber, type Observable, type Subscription } from 'rxjs';

export type RecordedEvent<T> =
  | { readonly kind: 'next'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'complete' };

export type Outcome<T> =
  | { readonly kind: 'complete'; readonly values: readonly T[] }
  | { readonly kind: 'error'; readonly error: unknown; readonly values: readonly T[] }
  | { readonly kind: 'unsubscribed'; readonly values: readonly T[] };

export interface Recording<T> {
  /** Every notification, including late ones. */
  readonly events: readonly RecordedEvent<T>[];
  readonly values: readonly T[];
  /** Settles with the one outcome; never rejects. */
  readonly outcome: Promise<Outcome<T>>;
  /** The outcome if there is one yet. */
  readonly settled: Outcome<T> | undefined;
  readonly subscription: Subscription;
  unsubscribe(): void;
  /** Throws unless there was exactly one outcome and nothing after it. */
  expectOneOutcome(): Outcome<T>;
}

/**
 * Subscribes and records the notifications. A notification after the outcome, or after unsubscribing, violates the
 * rule of exactly one outcome: it is kept for `expectOneOutcome`, and thrown as an uncaught error, so that it fails a
 * test which does not check.
 */
export function record<T>(observable: Observable<T>): Recording<T> {
  const recorder = new Recorder<T>();
  observable.subscribe(recorder);
  return {
    events: recorder.events,
    get values() {
      return recorder.values();
    },
    outcome: recorder.outcome,
    get settled() {
      return recorder.settled;
    },
    subscription: recorder,
    unsubscribe: () => {
      recorder.unsubscribe();
    },
    expectOneOutcome() {
      if (recorder.violation) throw recorder.violation;
      if (!recorder.settled) throw new Error(`no outcome yet; so far: ${recorder.describe()}`);
      return recorder.settled;
    },
  };
}

// Not a mere observer: RxJS hides from an observer what comes after the end. A subscriber is used as it is.
// eslint-disable-next-line rxjs-x/no-subclass
class Recorder<T> extends Subscriber<T> {
  readonly events: RecordedEvent<T>[] = [];
  settled: Outcome<T> | undefined;
  violation: Error | undefined;
  readonly outcome: Promise<Outcome<T>>;
  private resolve!: (outcome: Outcome<T>) => void;

  constructor() {
    super(); // eslint-disable-line @typescript-eslint/no-deprecated
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
  }

  override next(value: T): void {
    this.note({ kind: 'next', value });
  }

  override error(error: unknown): void {
    if (this.note({ kind: 'error', error })) this.settle({ kind: 'error', error, values: this.values() });
  }

  override complete(): void {
    if (this.note({ kind: 'complete' })) this.settle({ kind: 'complete', values: this.values() });
  }

  override unsubscribe(): void {
    if (!this.settled) this.settle({ kind: 'unsubscribed', values: this.values() });
    else super.unsubscribe();
  }

  values(): T[] {
    return this.events.filter((event) => event.kind === 'next').map(({ value }) => value);
  }

  describe(): string {
    return this.events.map(({ kind }) => kind).join(', ') || 'nothing';
  }

  /** Whether it came before the outcome. */
  private note(event: RecordedEvent<T>): boolean {
    const { settled } = this;
    this.events.push(event);
    if (!settled) return true;
    const violation = new Error(`'${event.kind}' came after the outcome '${settled.kind}'; all: ${this.describe()}`);
    this.violation ??= violation;
    queueMicrotask(() => {
      throw violation;
    });
    return false;
  }

  private settle(outcome: Outcome<T>): void {
    this.settled = outcome;
    this.resolve(outcome);
    super.unsubscribe();
  }
}
