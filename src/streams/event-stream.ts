import { AxiosHeaders, type AxiosResponse, type RawAxiosHeaders } from 'axios';
import {
  concatWith,
  defer,
  fromEvent,
  identity,
  map,
  NEVER,
  type Observable,
  of,
  race,
  retry,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import type { Client } from '../http/index.ts';
import { BodyUsedError, StreamFailedError } from '../session/index.ts';
import { headerOf, isOneShot, unlessDenied } from '../session/internal.ts';
import { endingWithOwner } from './ending-with-owner.ts';
import { EventParser, type ServerSentEvent, type StreamPosition } from './event-parser.ts';
import { checkEventStream, type EventStreamOptions, statusesOf } from './event-stream-options.ts';
import { openStream } from './open-stream.ts';
import { emitValues } from './read-body.ts';
import { isReconnectable, reconnectDelayMs, StreamEnded } from './reconnect.ts';

/** The delay before the next connection if the server has sent no `retry` field, in milliseconds. Browsers use the same delay. */
const USUAL_RETRY_MS = 3_000;

/**
 * Receives server-sent events through a client and its session. Unlike `EventSource`, it supports any method, headers and a body. Returns
 * a cold Observable: each subscription connects, and unsubscribing closes the connection.
 *
 * If the token has expired, it is refreshed, for the first connection and for each later one. When the server ends the stream or the
 * connection is lost, `get` requests connect again with `Last-Event-ID`; see `reconnect`. When the session's owner changes, the stream
 * fails.
 *
 * @typeParam T - the type that `parse` returns; without `parse`, the data is a string
 * @returns an Observable of events. It fails with `SessionChangedError` when the owner of the session changes; with `StreamFailedError`,
 *   reason `'not-a-stream'`, for a response that is no event stream; and with the errors of `client.request()` and `parse`
 * @throws InvalidInputError for options that cannot work
 * @see WHATWG HTML, section 9.2 "Server-sent events"
 *
 * @example
 * ```ts
 * eventStream(api, '/prices', { parse: (data) => JSON.parse(data) as Price, idleTimeoutMs: 45_000 })
 *   .subscribe(({ data }) => show(data));
 * ```
 */
export function eventStream<T = string>(
  api: Client,
  url: string,
  options: EventStreamOptions<T> & { readonly parse: (data: string) => T },
): Observable<ServerSentEvent<T>>;
/**
 * Receives server-sent events through a client and its session; their data is a string, as the server sent it. Each subscription connects,
 * and unsubscribing closes the connection. An expired token is refreshed before each connection, `get` requests connect again when the
 * stream ends or breaks off, and the stream fails when the session's owner changes.
 *
 * @throws InvalidInputError for options that cannot work
 * @example The response of a language model: a POST is not sent again when the response has ended
 * ```ts
 * eventStream(api, '/chat', { method: 'post', data: { messages } })
 *   .pipe(takeWhile(({ data }) => data !== '[DONE]'), map(({ data }) => JSON.parse(data) as Delta))
 *   .subscribe(append);
 * ```
 */
export function eventStream(
  api: Client,
  url: string,
  options?: EventStreamOptions<string>,
): Observable<ServerSentEvent>;
export function eventStream(
  api: Client,
  url: string,
  options: EventStreamOptions<unknown> = {},
): Observable<ServerSentEvent<unknown>> {
  checkEventStream(api, url, options);
  const {
    parse,
    reconnect = /^get$/i.test(options.method ?? 'get'),
    statusObserver,
    lastEventId = '',
    ...rest
  } = options;
  const isWanted = typeof reconnect === 'function' ? reconnect : isReconnectable;
  return defer(() => {
    const position: StreamPosition = { lastEventId, retryMs: USUAL_RETRY_MS };
    const tell = statusesOf(statusObserver);
    const connection$ = defer(() =>
      openStream(api, url, { ...rest, ...requestOf(rest, position) }, () => ({
        parser: new EventParser(position),
        open: (response) => {
          assertEventStream(response);
          tell({ type: 'open' });
        },
      })),
    );
    const delay = (error: unknown, failures: number): Observable<unknown> => {
      // After an abort each further connection would fail as well. The error of `AbortSignal.timeout()` looks like a lost connection, so
      // the stream would try again for ever.
      if (rest.signal?.aborted) return throwError(() => error);
      // If the signal aborts while the app decides, do not wait for the decision, and do not tell of a connection that will not be made:
      // the next one sends nothing, and fails with the signal's error.
      return race(unlessDenied(isWanted(error), error), abortOf(rest.signal)).pipe(
        switchMap(() => (rest.signal?.aborted ? of(true) : reconnection(error, failures))),
      );
    };
    const reconnection = (error: unknown, failures: number): Observable<unknown> => {
      // A body that is a stream has been read: to send it again would send nothing, or fail each time.
      if (isOneShot(rest.data)) return throwError(() => new BodyUsedError(undefined, error));
      const delayMs = reconnectDelayMs(error, failures, position.retryMs);
      tell({ type: 'reconnecting', failures, delayMs, ...(!(error instanceof StreamEnded) && { error }) });
      // An abort ends the delay, so that the stream fails at once: the next connection sends nothing, and fails with the signal's error.
      return race(abortOf(rest.signal), timer(delayMs));
    };
    return reconnect
      ? connection$.pipe(concatWith(throwError(() => new StreamEnded())), retry({ delay, resetOnSuccess: true }))
      : connection$;
  }).pipe(
    endingWithOwner(api, options),
    emitValues,
    parse ? map((event) => ({ ...event, data: parse(event.data) })) : identity,
  );
}

/** Emits when the signal is aborted, at once if it is aborted already. */
function abortOf(signal: AbortSignal | undefined): Observable<unknown> {
  if (!signal) return NEVER;
  return signal.aborted ? of(true) : fromEvent(signal, 'abort');
}

function requestOf({ headers, fetchOptions }: EventStreamOptions<unknown>, { lastEventId }: StreamPosition): object {
  return {
    headers: AxiosHeaders.concat({ Accept: 'text/event-stream' }, headers as RawAxiosHeaders | undefined, {
      // Write the id as the bytes of its UTF-8 encoding: axios removes characters that are not Latin-1 from a header.
      ...(lastEventId !== '' && {
        'Last-Event-ID': Array.from(new TextEncoder().encode(lastEventId), (byte) => String.fromCharCode(byte)).join(
          '',
        ),
      }),
    }),
    fetchOptions: { cache: 'no-store', ...fetchOptions },
  };
}

function assertEventStream(response: AxiosResponse): void {
  const { status } = response;
  // Look the header up in any case of its letters: a mock passes the headers on as the test has written them.
  const type = headerOf(response, 'content-type') ?? '';
  if (status === 200 && /^text\/event-stream\s*(;|$)/i.test(type)) return;
  throw new StreamFailedError(
    'not-a-stream',
    `The response is no event stream: status ${status}, content type ${type || 'missing'}. Wanted: 200, text/event-stream.`,
  );
}
