import { type NextObserver, type ObservableInput, Subject } from 'rxjs';
import { assertOption } from '../session/internal.ts';
import type { Client } from '../http/index.ts';
import { checkStream, type StreamOptions } from './stream-options.ts';

/** A change of a stream's connection. */
export type StreamStatus =
  /** The server has begun to respond with an event stream. */
  | { readonly type: 'open' }
  /**
   * The stream has ended or its connection has failed, and it connects again after `delayMs` milliseconds. `failures` is the number of
   * connections that have ended or failed since the last event. `error` is absent if the server ended the stream in good order.
   */
  | { readonly type: 'reconnecting'; readonly failures: number; readonly delayMs: number; readonly error?: unknown };

/** The options of `eventStream`, with those of all streams. */
export interface EventStreamOptions<T> extends StreamOptions {
  /** Converts the data of an event. If it throws, the stream fails with that error. @defaultValue none: the data is a string */
  readonly parse?: (data: string) => T;
  /**
   * Whether to connect again when the stream has ended or failed. If `false`, the Observable completes when the stream ends, and fails
   * with the stream's error.
   *
   * `true` connects again after the end of the stream, a lost connection, silence, a refresh that failed temporarily, and a 429 or 503
   * with `Retry-After`. A function decides instead, by a boolean, or by the first value of anything that RxJS accepts as an
   * Observable. It is called with the error, also when the server ended the stream in good order; `isReconnectable` decides as `true`
   * does. The delay is the server's last `retry` field, or 3 seconds, and doubles with each further failure up to 30 seconds.
   *
   * @defaultValue `true` for `get`, `false` for other methods, because a `post` that is sent again might take effect twice
   */
  readonly reconnect?: boolean | ((error: unknown) => boolean | ObservableInput<boolean>);
  /** The id of the last event that the app has already received, such as before a reload. @defaultValue `''`: none */
  readonly lastEventId?: string;
  /** An observer, such as a Subject, that receives each change of the connection. @defaultValue none */
  readonly statusObserver?: NextObserver<StreamStatus>;
}

/** @throws InvalidInputError for options that cannot work */
export function checkEventStream(api: Client, url: string, options: EventStreamOptions<unknown>): void {
  checkStream('eventStream()', api, url, options, ['parse', 'reconnect', 'lastEventId', 'statusObserver']);
  const { parse, reconnect, lastEventId, statusObserver } = options;
  const check = assertOption.bind(null, 'eventStream()');
  check('parse', parse);
  check(
    'reconnect',
    reconnect,
    ['boolean', 'function'].includes(typeof reconnect),
    'a boolean, or a function of the error',
  );
  check('lastEventId', lastEventId, typeof lastEventId === 'string', 'a string');
  check('statusObserver', statusObserver, typeof statusObserver?.next === 'function', 'an observer with `next`');
}

/**
 * Returns a function that passes a status to the observer. If the observer throws, RxJS reports the error as unhandled, and the stream
 * goes on.
 */
export function statusesOf(observer: NextObserver<StreamStatus> | undefined): (status: StreamStatus) => void {
  const status$ = new Subject<StreamStatus>();
  // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
  status$.subscribe(observer);
  return (status) => {
    status$.next(status);
  };
}
