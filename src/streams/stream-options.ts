import type { RequestOptions } from '../http/index.ts';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/** The options of a stream: those of `client.request()`, and two time limits in place of `timeout`. */
export interface StreamOptions extends Omit<RequestOptions, 'observe' | 'schema' | 'responseType' | 'timeout'> {
  /** @defaultValue `'get'` */
  readonly method?: string;
  /** The body, or a function that makes it for each send: pass a function for a stream, which can be sent only once. */
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

/** @throws InvalidInputError for a limit that is no positive number */
export function checkLimits(caller: string, options: StreamOptions): void {
  for (const name of ['responseTimeoutMs', 'idleTimeoutMs'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw new InvalidInputError(
        `${caller}: ${name} is a positive number of milliseconds, or Infinity; given: ${typeof value === 'number' ? value : kindOf(value)}.`,
      );
  }
}
