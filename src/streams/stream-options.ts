import type { RequestOptions } from '../http/index.ts';
import { InvalidInputError } from '../session/index.ts';
import { assertOption } from '../session/internal.ts';

/** The options of a stream: those of `client.request()`, and two time limits in place of `timeout`. */
export interface StreamOptions extends Omit<RequestOptions, 'observe' | 'schema' | 'responseType' | 'timeout'> {
  /** @defaultValue `'get'` */
  readonly method?: string;
  /** The body, or a function that makes it for each send: pass a function for a stream, which can be sent only once. @defaultValue none */
  readonly data?: unknown;
  /**
   * How long the server may take to begin its response, in milliseconds above 0. The time is counted anew for each send, so the wait for
   * a refresh does not count. The client's `timeout` does not apply, because it would end the stream.
   *
   * @defaultValue `30_000`
   */
  readonly responseTimeoutMs?: number;
  /**
   * How long the stream may be silent, in milliseconds above 0; comments of the server count as data. Only this limit detects a
   * connection that is lost without notice, as after a sleep or a change of network. If the server sends comments at an interval, set it
   * to a little more than that interval.
   *
   * @defaultValue `Infinity`
   */
  readonly idleTimeoutMs?: number;
}

/** @throws InvalidInputError for a limit that is no positive number, and for a misspelt option, which axios would ignore */
export function checkLimits(caller: string, options: StreamOptions): void {
  const names = ['responseTimeoutMs', 'idleTimeoutMs', 'lastEventId'];
  const misspelt = Object.keys(options).find(
    (key) => !names.includes(key) && /^((response|idle)timeout(ms)?|lasteventid)$/i.test(key),
  );
  if (misspelt !== undefined) throw new InvalidInputError(`${caller} knows no ${misspelt}: ${names.join(', ')}.`);
  for (const name of ['responseTimeoutMs', 'idleTimeoutMs'] as const) {
    const value: unknown = options[name];
    const isRight = typeof value === 'number' && value > 0;
    assertOption(caller, name, value, isRight, 'milliseconds, above 0, or Infinity');
  }
}
