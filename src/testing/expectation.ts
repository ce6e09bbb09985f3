import { asyncScheduler, type Observable, Subscription } from 'rxjs';
import { diagramOf } from './diagram.ts';
import { framesOf, type MarbleValues, type Moment, momentsOf, subscriptionOf } from './marbles.ts';
import { isLike, isSame } from './same-value.ts';
import { shown } from './shown.ts';

/** What an Observable is expected to do, as marbles. */
export interface Expected {
  readonly marbles: string;
  readonly values: MarbleValues | undefined;
  /** The properties that the error of `#` must have, or an `Error` of the same name and message; `undefined` for any error. */
  readonly error: unknown;
}

/** Subscribes to an Observable in the frames of a diagram, and compares what it does with what it is expected to do. */
export class Expectation {
  readonly #source$: Observable<unknown>;
  readonly #expected: Expected;
  readonly #moments: readonly Moment[];
  readonly #from: number;
  readonly #to: number;
  readonly #actual: Moment[] = [];
  readonly #subscription = new Subscription();
  /** The requests that were sent during the run, for the message of a failure. */
  sent: readonly string[] = [];
  /** The last frame of its diagrams. */
  readonly lastFrame: number;

  /** @throws InvalidInputError for diagrams that cannot be read */
  constructor(source$: Observable<unknown>, subscription: string | undefined, expected: Expected) {
    const { from, to } = subscriptionOf(subscription);
    this.#source$ = source$;
    this.#expected = expected;
    this.#moments = momentsOf(expected.marbles, expected.values, expected.error);
    this.#from = from;
    this.#to = to;
    this.lastFrame = Math.max(framesOf(expected.marbles), from, to === Infinity ? 0 : to);
  }

  /** Whether the Observable may still emit: the run then goes on for a second after the last frame, to show what comes late. */
  get isOpen(): boolean {
    return !this.#subscription.closed;
  }

  scheduleEnd(): Subscription {
    if (this.#to === Infinity) return this.#subscription;
    return asyncScheduler.schedule(() => {
      this.#subscription.unsubscribe();
    }, this.#to);
  }

  /** @param frame - returns the current frame */
  scheduleStart(frame: () => number): Subscription {
    const note = (notification: Moment['notification']): void => {
      this.#actual.push({ frame: frame(), notification });
    };
    const subscribe = (): void => {
      this.#subscription.add(
        this.#source$.subscribe({
          next: (value) => {
            note({ kind: 'N', value });
          },
          error: (error: unknown) => {
            note({ kind: 'E', error });
            this.#subscription.unsubscribe();
          },
          complete: () => {
            note({ kind: 'C' });
            this.#subscription.unsubscribe();
          },
        }),
      );
    };
    // Do not use a timer of 0 ms: fake clocks take 1 ms for it, and everything would come a frame late.
    if (this.#from === 0) subscribe();
    else return asyncScheduler.schedule(subscribe, this.#from);
    return this.#subscription;
  }

  /** @throws Error if the Observable did anything else than the marbles say */
  check(): void {
    const actual = this.#actual;
    const isMet =
      actual.length === this.#moments.length && actual.every((moment, n) => this.#isMet(moment, this.#moments[n]));
    if (!isMet) throw new Error(this.#message());
  }

  #isMet(actual: Moment, expected: Moment | undefined): boolean {
    const [is, wanted] = [actual.notification, expected?.notification];
    if (actual.frame !== expected?.frame || is.kind !== wanted?.kind) return false;
    if (is.kind === 'N') return wanted.kind === 'N' && isSame(is.value, wanted.value);
    return is.kind === 'C' || this.#expected.error === undefined || isLike(is.error, this.#expected.error);
  }

  #message(): string {
    const { marbles, values = {}, error } = this.#expected;
    const legend = new Map<string, unknown>(Object.entries(values).filter(([letter]) => marbles.includes(letter)));
    /** Letters for values that the expected diagram does not name. */
    const free = Array.from('zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA').filter(
      (letter) => !marbles.includes(letter) && !Object.hasOwn(values, letter),
    );
    const letterOf = (value: unknown): string => {
      const known = [...legend].find(([, its]) => isSame(value, its))?.[0];
      if (known !== undefined) return known;
      if (typeof value === 'string' && value.length === 1 && !legend.has(value)) return value;
      const letter = free.shift() ?? '?';
      legend.set(letter, value);
      return letter;
    };
    const drawn = diagramOf(this.#actual, letterOf);
    const failure = this.#actual.find(({ notification }) => notification.kind === 'E')?.notification;
    return [
      'The marbles differ.',
      `  expected: ${marbles.trim() || '(nothing)'}`,
      `  actual:   ${drawn}`,
      ...Array.from(legend, ([letter, value]) => `  ${letter} = ${shown(value)}`),
      ...(error !== undefined && marbles.includes('#') ? [`  expected # = ${shown(error)}`] : []),
      ...(failure?.kind === 'E' ? [`  actual # = ${shown(failure.error)}`] : []),
      ...this.sent.map((send) => `  sent: ${send}`),
    ].join('\n');
  }
}
