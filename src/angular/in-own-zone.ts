import { identity, type MonoTypeOperatorFunction, Observable } from 'rxjs';

/** The part of zone.js that runs code in a zone. */
interface ZoneClass {
  readonly current?: { run<R>(work: () => R): R };
}

/**
 * Returns an operator that subscribes, and emits, in the zone of zone.js in which it was made. Otherwise the end of a refresh would send all
 * waiting requests in the zone of the request that caused the refresh. If that one was sent outside of Angular's zone, Angular would not
 * update the view after the responses of the others.
 */
export function inOwnZone<T>(): MonoTypeOperatorFunction<T> {
  const zone = (globalThis as { readonly Zone?: ZoneClass }).Zone?.current;
  if (!zone) return identity;
  return (source) =>
    new Observable((subscriber) =>
      zone.run(() =>
        source.subscribe({
          next: (value) => {
            zone.run(() => {
              subscriber.next(value);
            });
          },
          error: (error: unknown) => {
            zone.run(() => {
              subscriber.error(error);
            });
          },
          complete: () => {
            zone.run(() => {
              subscriber.complete();
            });
          },
        }),
      ),
    );
}
