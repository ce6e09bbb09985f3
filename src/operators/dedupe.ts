import { defer, type Observable, type ObservableInput, share, tap } from 'rxjs';
import type { Session, TokenSet } from '../session/index.ts';
import { assertOption, internalsOf, ownOptions } from '../session/internal.ts';
import { checkOptions } from './check-options.ts';

/** The options of `dedupe`. */
export interface DedupeOptions<A extends readonly unknown[]> {
  /**
   * Returns the key of a call, such as a string. Calls whose keys are equal by `Object.is` share a request. Pass it if an argument is an
   * object that each call creates anew: otherwise no two calls would share one.
   *
   * @defaultValue none: two calls are the same if all their arguments are, compared by `Object.is`
   */
  key?(this: void, ...args: A): unknown;
}

/** A request that has given no value yet. */
interface Flight<T> {
  readonly key: readonly unknown[];
  readonly shared$: Observable<T>;
}

/**
 * Makes a function whose calls share a request while it is in flight: a subscription to the same call before the request has given its
 * first value, or has ended, gets the values of that request. A later one makes a request of its own: nothing is cached.
 *
 * The owner of the session is compared as well, at subscription: after a sign-out or another sign-in, a call does not share a request from
 * before. Each subscriber may unsubscribe alone; the request is aborted when the last one does.
 *
 * Make the function once, beside the client, rather than for each call. `request` must do the same for the same arguments, because it is
 * called once for all subscriptions that share it.
 *
 * @param session - the session of the client; `null` only for requests whose responses are the same for everybody
 * @param request - makes the request of a call, as anything that RxJS accepts as an Observable
 * @throws InvalidInputError if `session` is neither a session nor `null`, `request` or `key` is no function, or (in development) for an
 * unknown option
 * @example
 * ```ts
 * const getUser = dedupe(session, (id: number) => api.get<User>(`/users/${id}`));
 * forkJoin([getUser(1), getUser(1)]).subscribe(); // sends one request
 * ```
 */
export function dedupe<A extends readonly unknown[], T, S extends TokenSet = TokenSet>(
  session: Session<S> | null,
  request: (...args: A) => ObservableInput<T>,
  options: DedupeOptions<A> = {},
): (...args: A) => Observable<T> {
  // Compare `internals.ownerChanges`, not `state.owner`, which is null both while a person is being restored and after a sign-out: a call
  // made after the sign-out would share that person's request.
  const internals = session === null ? null : internalsOf(session);
  const { key: keyOf } = ownOptions(options);
  assertOption('dedupe()', 'request', (request as unknown) ?? null);
  checkOptions('dedupe()', options, { key: [] });
  const flights = new Set<Flight<T>>();
  return (...args) =>
    defer(() => {
      const key = [internals?.ownerChanges, ...(keyOf ? [keyOf(...args)] : args)];
      for (const flight of flights)
        if (flight.key.length === key.length && key.every((value, index) => Object.is(value, flight.key[index])))
          return flight.shared$;
      // `land` runs before the subscribers get the value: a call that one of them makes while it handles the value would miss that value,
      // so it must start a request of its own.
      const land = (): void => void flights.delete(flight);
      const flight: Flight<T> = {
        key,
        shared$: defer(() => request(...args)).pipe(
          tap({ next: land, error: land, complete: land, unsubscribe: land }),
          share(),
        ),
      };
      flights.add(flight);
      return flight.shared$;
    });
}
