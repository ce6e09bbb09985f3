import { readProperty } from '../session/internal.ts';

/** How much of a body has been sent or received: an event of `observe: 'events'`. */
export interface RequestProgress {
  /** Whether the body of the request is sent, or that of the response is received. */
  readonly type: 'uploadProgress' | 'downloadProgress';
  /** Bytes so far. */
  readonly loaded: number;
  /** All bytes, if that is known. */
  readonly total?: number | undefined;
  /** Bytes a second, if that is known. */
  readonly rate?: number | undefined;
  /** The time that is left, in seconds, if that is known. */
  readonly estimated?: number | undefined;
}

/** What `toRequestState` reads of the events of a client's request with `observe: 'events'`. */
export type RequestProgressEvent<T> =
  | { readonly type: 'sent'; readonly attempt: number }
  | RequestProgress
  | { readonly type: 'response'; readonly response: { readonly data: T } };

/**
 * The state of a request. The statuses are those of Angular's `ResourceStatus`:
 *
 * - `'idle'`: nothing has been requested yet, or the request gave no value
 * - `'loading'`: the first value is being requested
 * - `'reloading'`: another value is being requested; `value` is the previous one
 * - `'resolved'`: `value` is the newest one
 * - `'error'`: the request has failed with `error`; `value` is the previous one, if there is one
 */
export type RequestState<T> =
  | { readonly status: 'idle'; readonly value?: undefined; readonly error?: undefined; readonly progress?: undefined }
  | {
      readonly status: 'loading';
      readonly value?: undefined;
      readonly error?: undefined;
      readonly progress?: RequestProgress;
    }
  | { readonly status: 'reloading'; readonly value: T; readonly error?: undefined; readonly progress?: RequestProgress }
  | { readonly status: 'resolved'; readonly value: T; readonly error?: undefined; readonly progress?: undefined }
  | { readonly status: 'error'; readonly value?: T; readonly error: unknown; readonly progress?: undefined };

/** Has the properties of Angular's `ResourceSnapshot`, which is not imported: this package works without Angular. */
export type RequestSnapshot<T> =
  | { readonly status: 'idle' | 'loading' | 'reloading' | 'resolved'; readonly value: T | undefined }
  | { readonly status: 'error'; readonly error: Error };

/**
 * Converts a state for Angular's `resourceFromSnapshots`. A snapshot has no `progress`, and with the status `'error'` no `value`. Its
 * `error` must be an `Error`: if the request has failed with anything else, that becomes the `cause` of a new one.
 *
 * @example
 * ```ts
 * const state = toSignal(users$.pipe(toRequestState(), map(toSnapshot)), { requireSync: true });
 * readonly users = resourceFromSnapshots(state);
 * ```
 */
export function toSnapshot<T>(state: RequestState<T>): RequestSnapshot<T> {
  const { status, value } = state;
  if (status !== 'error') return { status, value };
  const { error } = state;
  return {
    status,
    error: isErrorLike(error) ? error : new Error('The request failed: see `cause`.', { cause: error }),
  };
}

/** Checks the shape: `instanceof Error` is false for Angular's `HttpErrorResponse`, which would be wrapped in another error. */
function isErrorLike(error: unknown): error is Error {
  return ['name', 'message'].every((key) => typeof readProperty(error, key) === 'string');
}
