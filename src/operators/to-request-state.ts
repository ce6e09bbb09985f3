import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  type Observable,
  type ObservableInput,
  of,
  type OperatorFunction,
  startWith,
  switchMap,
  tap,
} from 'rxjs';
import { ownOptions } from '../session/internal.ts';
import { checkOptions } from './check-options.ts';
import type { RequestProgress, RequestProgressEvent, RequestState } from './request-state.ts';

/** The options of `toRequestState`. */
export interface RequestStateOptions {
  /**
   * What the requests emit: `'body'` for values of any kind; `'events'` for the events of a client's request with `observe: 'events'`. Then
   * the progress is part of the state, and `value` is the body of the response.
   *
   * @defaultValue `'body'`
   */
  readonly observe?: 'body' | 'events';
}

/** Makes a request from each value of the source. `index` counts from 0. */
type MakeRequest<A, T> = (value: A, index: number) => ObservableInput<T>;
/** The options for requests that emit events. */
type OfEvents = RequestStateOptions & { readonly observe: 'events' };
/** The options for requests that emit values. */
type OfValues = { readonly observe?: 'body' };

/**
 * Makes a request from each value of the source, and emits its states with the progress of its bodies. The requests must emit events, as
 * those of a client with `observe: 'events'` do. A new value of the source ends the request in progress. The result never fails: an error
 * of a request is a state, and further values of the source make further requests.
 *
 * @throws InvalidInputError for an argument of the wrong kind, or (in development) an unknown option
 * @example
 * ```ts
 * const uploads$ = file$.pipe(
 *   toRequestState((file) => api.post<Receipt>('/files', file, { observe: 'events' }), { observe: 'events' }),
 * );
 * ```
 */
export function toRequestState<A, T>(
  request: MakeRequest<A, RequestProgressEvent<T>>,
  options: OfEvents,
): OperatorFunction<A, RequestState<T>>;
/**
 * Makes a request from each value of the source (a parameter, or a click on "reload"), and emits its states: `'idle'` at first, then
 * `'loading'`, or `'reloading'` if there is a previous value, then `'resolved'` or `'error'`. The state keeps the previous value while the
 * next one is loading, and after an error. A new value of the source ends the request in progress, as with `switchMap`; so does
 * unsubscribing.
 *
 * The result never fails: an error of a request is a state, and further values of the source make further requests. An error of the source
 * is a state as well, the last one. Completes when the source has completed and its last request has ended.
 *
 * @throws InvalidInputError for an argument of the wrong kind, or (in development) an unknown option
 * @example
 * ```ts
 * const found$ = query$.pipe(debounceTime(200), toRequestState((q) => api.get<User[]>('/users', { params: { q } })));
 * const users$ = reload$.pipe(startWith(null), toRequestState(() => api.get<User[]>('/users')));
 * ```
 */
export function toRequestState<A, T>(
  request: MakeRequest<A, T>,
  options?: OfValues,
): OperatorFunction<A, RequestState<T>>;
/**
 * Emits the states of one request, which is the source, with the progress of its bodies. The source must emit events, as a client's
 * request with `observe: 'events'` does. The result never fails: an error of the request is the last state.
 *
 * @throws InvalidInputError for an argument of the wrong kind, or (in development) an unknown option
 * @example
 * ```ts
 * api.post<File>('/files', form, { observe: 'events' }).pipe(toRequestState({ observe: 'events' })).subscribe(show);
 * ```
 */
export function toRequestState<T>(options: OfEvents): OperatorFunction<RequestProgressEvent<T>, RequestState<T>>;
/**
 * Emits the states of one request, which is the source: `'loading'` at once, then `'resolved'` for each value, or `'error'`. If the request
 * completes without a value, the last state is `'idle'`. The result never fails, and completes when the request has ended.
 *
 * @throws InvalidInputError for an argument of the wrong kind, or (in development) an unknown option
 * @example
 * ```ts
 * const users$ = api.get<User[]>('/users').pipe(toRequestState());
 * ```
 */
export function toRequestState<T>(options?: OfValues): OperatorFunction<T, RequestState<T>>;
export function toRequestState(
  first?: MakeRequest<unknown, unknown> | RequestStateOptions,
  second: RequestStateOptions = {},
): OperatorFunction<unknown, RequestState<unknown>> {
  const request = typeof first === 'function' ? first : undefined;
  const options = request ? second : ((first ?? {}) as RequestStateOptions);
  const { observe = 'body' } = ownOptions(options);
  checkOptions('toRequestState()', options, { observe: [['body', 'events'].includes(observe), "'body' or 'events'"] });
  return (source) =>
    defer(() => {
      const idle: RequestState<unknown> = { status: 'idle' };
      // Keep the wide type by `as`: the compiler would narrow `state` to the type of `idle`, which has no value.
      let state = idle as RequestState<unknown>;
      const pending = (progress?: RequestProgress): RequestState<unknown> => ({
        ...('value' in state ? { status: 'reloading', value: state.value } : { status: 'loading' }),
        ...(progress && { progress }),
      });
      const resolved = (value: unknown): RequestState<unknown> => ({ status: 'resolved', value });
      const read = (event: RequestProgressEvent<unknown>): RequestState<unknown> => {
        if (event.type === 'response') return resolved(event.response.data);
        if (event.type !== 'sent') return pending(event);
        // A new attempt sends the body from its start: drop the progress of the attempt before.
        return state.progress ? pending() : state;
      };
      const failing = catchError<RequestState<unknown>, Observable<RequestState<unknown>>>((error: unknown) =>
        of({ status: 'error', error, ...('value' in state && { value: state.value }) }),
      );
      const load = (input$: Observable<unknown>): Observable<RequestState<unknown>> =>
        concat(
          defer(() => of(pending())),
          input$.pipe(map(observe === 'body' ? resolved : (read as typeof resolved))),
          // A request that completes without a value leaves the previous value, or `'idle'` if there is none.
          defer(() => (state.status.endsWith('loading') ? of('value' in state ? resolved(state.value) : idle) : EMPTY)),
        ).pipe(failing);
      const states$ = request
        ? source.pipe(
            switchMap((value, index) => load(defer(() => request(value, index)))),
            startWith(idle),
            failing,
          )
        : load(source);
      return states$.pipe(
        distinctUntilChanged(),
        tap((next) => {
          state = next;
        }),
      );
    });
}
