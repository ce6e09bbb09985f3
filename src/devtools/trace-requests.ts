import type { AxiosInstance } from 'axios';
import { defer, type Observable } from 'rxjs';
import type { AxiosLike, Client } from '../http/index.ts';
import { axiosInstance, partsOf } from '../http/internal.ts';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import type { TraceEvent } from './trace-event.ts';
import { hubOf } from './trace-hub.ts';

/**
 * Emits what happens to each request of a client, or of an axios instance that has a session: held, sent, answered, resent, completed,
 * failed, cancelled. Includes requests outside the session. Hot: a request is traced if it reaches its adapter, after axios's
 * interceptors, while somebody is subscribed; without a subscriber nothing is measured. Never completes, and fails only for an instance
 * that is frozen.
 *
 * Clients that were created with the same axios instance are traced together.
 *
 * @param api - the client, or the axios instance that `attachSession()` was called with
 * @throws InvalidInputError for any other value
 * @example
 * ```ts
 * traceRequests(api)
 *   .pipe(filter((event) => event.type === 'completed' && event.heldMs > 1_000))
 *   .subscribe(({ method, path }) => console.warn(`${method} ${path} waited for more than a second`));
 * ```
 */
export function traceRequests(api: Client | AxiosLike): Observable<TraceEvent> {
  return traceOf(api, 'traceRequests()');
}

/**
 * Returns the trace events of a client or an axios instance.
 *
 * @param where - the function or option that was given `api`, for the message of the error
 * @throws InvalidInputError for what is neither a client nor an axios instance
 */
export function traceOf(api: Client | AxiosLike, where: string): Observable<TraceEvent> {
  const instance = partsOf(Object(api) as object)?.instance ?? instanceOf(api, where);
  return defer(() => hubOf(instance).events$);
}

function instanceOf(given: unknown, where: string): AxiosInstance {
  try {
    return axiosInstance(given as AxiosLike, where);
  } catch {
    throw new InvalidInputError(`${where} takes a client or an axios instance; given: ${kindOf(given)}.`);
  }
}
