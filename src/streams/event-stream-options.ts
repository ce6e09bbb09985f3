import { type NextObserver, Subject } from 'rxjs';
import { assertOption } from '../session/internal.ts';
import { checkLimits, type StreamOptions } from './stream-options.ts';

/** What became of a stream's connection. */
export type StreamStatus =
  /** The server has begun to answer with an event stream. */
  | { readonly type: 'open' }
  /**
   * The connection was lost or could not be made, and is tried again after `delayMs` milliseconds. `failures` counts those in a row,
   * without an event between. Without an `error`, the server has ended the stream in good order.
   */
  | { readonly type: 'reconnecting'; readonly failures: number; readonly delayMs: number; readonly error?: unknown };

export interface EventStreamOptions<T> extends StreamOptions {
  /** Makes a value of the data of an event. What it throws ends the stream. @defaultValue the data as it is, a string */
  readonly parse?: (data: string) => T;
  /**
   * Whether to connect again when the stream has ended or failed. Without that, the Observable completes with the stream, and fails with
   * its error.
   *
   * `true`: after its end, a lost connection, silence, a refresh that failed for now, and a 429 or 503 with `Retry-After`. A function
   * is asked with the error instead; `isReconnectable` is what `true` means. The wait is what the server's `retry` says, 3 seconds if
   * it says nothing, and doubles with each further failure up to 30 seconds.
   *
   * @defaultValue `true` for `get`, `false` for other methods: to send a `post` again might do something twice
   */
  readonly reconnect?: boolean | ((error: unknown) => boolean);
  /** The id to begin after: what an earlier stream gave last. @defaultValue `''`: none */
  readonly lastEventId?: string;
  /**
   * Is told when the stream has connected, and when it is about to connect again. An observer, as rxjs's `webSocket` takes them.
   *
   * @defaultValue none
   */
  readonly statusObserver?: NextObserver<StreamStatus>;
}

/** @throws InvalidInputError for options that cannot work */
export function checkEventStream(options: EventStreamOptions<unknown>): void {
  checkLimits('eventStream()', options);
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

/** Tells the observer. What it throws is reported as an error that nobody handled, as rxjs does, and changes nothing here. */
export function statusesOf(observer: NextObserver<StreamStatus> | undefined): (status: StreamStatus) => void {
  const status$ = new Subject<StreamStatus>();
  // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
  status$.subscribe(observer);
  return (status) => {
    status$.next(status);
  };
}
