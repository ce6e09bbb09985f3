import { isAxiosError } from 'axios';
import { Observable, tap } from 'rxjs';
import { SchemaMismatchError } from '../session/index.ts';

/** Not all browsers have it. */
type V8Error = { captureStackTrace?(target: object, below: unknown): void };

/**
 * Lets the stack of an error go on with the frames of the call that subscribed. Axios finds its callers by their `await`, of which
 * there is none between a request and a subscriber. Noting the frames beforehand takes a tenth of the time of a request.
 */
export function withCallerStack<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const caller: { readonly stack?: string } = {};
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is not called, and only some of its signatures are deprecated
    (Error as V8Error).captureStackTrace?.(caller, Observable.prototype.subscribe);
    const error = (thrown: unknown): void => {
      // The failure of a refresh is not of one request: all that waited for it get the same error.
      if (isAxiosError(thrown) || thrown instanceof SchemaMismatchError)
        Reflect.set(thrown, 'stack', `${thrown.stack ?? ''}${/\n[^]*/.exec(caller.stack ?? '')?.[0] ?? ''}`);
    };
    return source.pipe(tap({ error })).subscribe(subscriber);
  });
}
