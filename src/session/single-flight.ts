import { AsyncSubject, share, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Lets all subscribers share one run of the source, and makes a new run after that one has settled.
 *
 * Not ref-counted: a run that everybody has left still finishes, for a server may have acted on it already. The source ends
 * itself when it must. The connector gives the value at completion, and `share` has reset by then: whoever asks again from
 * within that notification gets a new run and not the one that is just ending.
 */
export function singleFlight<T>(): MonoTypeOperatorFunction<T> {
  return share({ connector: () => new AsyncSubject<T>(), resetOnRefCountZero: false });
}
