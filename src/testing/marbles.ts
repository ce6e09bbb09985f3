import { dematerialize, map, merge, NEVER, type Observable, type ObservableNotification, of, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/** The values of a diagram, by their letters. A letter that is missing stands for itself; in `when()` it is an error. */
export type MarbleValues<T = unknown> = Readonly<Record<string, T>>;

/** What happens in one frame, which is a millisecond. */
export interface Moment<T = unknown> {
  readonly frame: number;
  readonly notification: ObservableNotification<T>;
}

// Count one frame for each character, as `TestScheduler.run()` does. Outside of `run()`, RxJS counts ten.
const oneFrame = { frameTimeFactor: 1 };

/**
 * Reads a diagram in the syntax of `TestScheduler.run()`.
 *
 * @throws InvalidInputError for a diagram that cannot be read
 */
export function momentsOf<T>(marbles: string, values: MarbleValues<T> | undefined, error?: unknown): Moment<T>[] {
  const read = (): Moment[] => TestScheduler.parseMarbles.call(oneFrame, marbles, undefined, error, false, true);
  const moments = readable(marbles, read);
  if (marbles.includes('^')) throw unreadable(marbles, 'a cold diagram has no ^');
  return moments.map(({ frame, notification }) => {
    if (notification.kind !== 'N') return { frame, notification };
    const letter = String(notification.value);
    // A letter that `values` does not have stands for itself; RxJS would emit `undefined`.
    const value = values && Object.hasOwn(values, letter) ? (values[letter] as T) : (letter as T);
    return { frame, notification: { kind: 'N', value } };
  });
}

/** How many frames a diagram takes, trailing ones included. */
export function framesOf(marbles: string): number {
  // Append a letter to the diagram: its frame is the length of the diagram before it.
  return momentsOf(`${marbles} m`, undefined).at(-1)?.frame ?? 0;
}

/** Reads `'--^---!'`: when to subscribe, by default in frame 0, and when to unsubscribe, by default never. */
export function subscriptionOf(marbles: string | undefined): { readonly from: number; readonly to: number } {
  if (marbles === undefined) return { from: 0, to: Infinity };
  const log = readable(marbles, () => TestScheduler.parseMarblesAsSubscriptions.call(oneFrame, marbles, true));
  const { subscribedFrame, unsubscribedFrame } = log;
  return { from: subscribedFrame === Infinity ? 0 : subscribedFrame, to: unsubscribedFrame };
}

/** Emits each notification in its frame, counted from the subscription. */
export function inTheirFrames<T>(moments: readonly Moment<T>[]): Observable<ObservableNotification<T>> {
  // Do not use a timer of 0 ms: fake clocks take 1 ms for it, and the notification would come a frame late.
  const notifications = moments.map(({ frame, notification }) =>
    frame === 0 ? of(notification) : timer(frame).pipe(map(() => notification)),
  );
  return merge(...notifications);
}

/** Returns a cold Observable of these moments. It does not complete after the last moment, only with `|` or `#`. */
export function coldOf<T>(moments: readonly Moment<T>[]): Observable<T> {
  return merge(inTheirFrames(moments), NEVER).pipe(dematerialize());
}

function readable<R>(marbles: string, read: () => R): R {
  if (typeof (marbles as unknown) !== 'string')
    throw new InvalidInputError(`Marbles are a string; given: ${kindOf(marbles)}.`);
  try {
    return read();
  } catch (error) {
    throw unreadable(marbles, error instanceof Error ? error.message : String(error));
  }
}

const unreadable = (marbles: string, why: string): InvalidInputError =>
  new InvalidInputError(`The marbles '${marbles}' cannot be read: ${why}.`);
