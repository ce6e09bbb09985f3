import { isAxiosError } from 'axios';
import { Observable, tap } from 'rxjs';
import { SchemaMismatchError } from '../session/index.ts';

/** `captureStackTrace` is missing in some browsers: there, errors do not get the frames of the subscriber. */
type V8Error = { captureStackTrace?(target: object, below: unknown): void };

/**
 * Appends the frames of the code that subscribed to the stack of an error. Axios does that for code that awaits a request; a subscriber
 * awaits nothing, and without its frames the stack does not say which request failed. Capturing them takes a tenth of the time of a
 * request, so this is for development only.
 */
export function withCallerStack<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const caller: { readonly stack?: string } = {};
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is not called, and only some of its signatures are deprecated
    (Error as V8Error).captureStackTrace?.(caller, Observable.prototype.subscribe);
    const error = (thrown: unknown): void => {
      // The error of a refresh is shared by all requests that waited for it, so it must not get the frames of one.
      if (isAxiosError(thrown) || thrown instanceof SchemaMismatchError)
        Reflect.set(thrown, 'stack', `${thrown.stack ?? ''}${/\n[^]*/.exec(caller.stack ?? '')?.[0] ?? ''}`);
    };
    return source.pipe(tap({ error })).subscribe(subscriber);
  });
}
