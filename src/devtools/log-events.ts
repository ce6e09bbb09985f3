import { EMPTY, map, merge, type Subscription } from 'rxjs';
import type { AxiosLike, Client } from '../http/index.ts';
import type { Session, TokenSet } from '../session/index.ts';
import { assertKnownOptions, assertOption, internalsOf } from '../session/internal.ts';
import { lineOfRequest, lineOfSession } from './event-line.ts';
import { traceOf } from './trace-requests.ts';

/** Options of `logEvents()`. */
export interface LogEventsOptions {
  /**
   * The client, or the axios instance that `attachSession()` was called with, whose requests are logged as well.
   *
   * @defaultValue none: only the events of the session are logged
   */
  readonly api?: Client | AxiosLike;
  /** Writes a line. @defaultValue `console.log`, looked up for each line */
  log?(this: void, line: string): void;
}

/**
 * Logs what happens to a session, and to the requests of a client or an axios instance, one line for each event. A line holds no token,
 * header, query or body.
 *
 * @returns a subscription: `unsubscribe()` ends the log
 * @throws InvalidInputError if `session` is not a session, for an option of the wrong kind, or (in development) for an unknown option
 * @example
 * ```ts
 * const logging = logEvents(session, { api });
 * // [sluice] #1 GET https://api.example.com/users is sent
 * // [sluice] #1 GET https://api.example.com/users is answered with 401 after 21 ms
 * // [sluice] session refresh-started reason=unauthorized generation=1
 * // [sluice] #1 GET https://api.example.com/users waits for the session
 * logging.unsubscribe();
 * ```
 */
export function logEvents<T extends TokenSet>(session: Session<T>, options: LogEventsOptions = {}): Subscription {
  internalsOf(session);
  assertKnownOptions('logEvents()', options, ['api', 'log']);
  assertOption('logEvents()', 'log', options.log);
  const {
    api,
    log = (line: string): void => {
      console.log(line);
    },
  } = options;
  return (
    merge(
      session.events$.pipe(map(lineOfSession)),
      api === undefined ? EMPTY : traceOf(api, 'logEvents(): api').pipe(map(lineOfRequest)),
    )
      // eslint-disable-next-line rxjs-x/no-ignored-error -- it fails only for a frozen axios instance, a mistake that RxJS reports
      .subscribe(log)
  );
}
