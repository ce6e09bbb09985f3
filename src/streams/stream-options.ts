import type { Client, RequestOptions } from '../http/index.ts';
import { InvalidInputError } from '../session/index.ts';
import { assertOption, assertOptions, kindOf } from '../session/internal.ts';

/** The options of a stream: those of `client.request()`, and two time limits in place of `timeout`. */
export interface StreamOptions extends Omit<RequestOptions, 'observe' | 'schema' | 'responseType' | 'timeout'> {
  /** The method of the request, in small letters or capitals. @defaultValue `'get'` */
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

/**
 * Options that would have no effect: those that only some streams take, those that a stream sets itself or has no use for, and misspelt
 * ones. They are refused, because axios would ignore them without an error.
 */
const refused =
  /^(parse|reconnect|statusobserver|lasteventid|(response|idle)?timeout(ms)?|observe|responsetype|schema|url|body)$/i;

/**
 * Checks the arguments of a stream when it is called, so that the stack of the error shows where they were passed.
 *
 * @param more - the options that this stream takes besides `StreamOptions`
 * @throws InvalidInputError for what is no client, a limit that is no positive number, an option that would have no effect, and what
 * `client.request()` refuses
 */
export function checkStream(
  caller: string,
  api: Client,
  url: string,
  options: StreamOptions,
  more: readonly string[] = [],
): void {
  // An axios instance has `request` as well, which returns a promise and would send the request at once.
  if (typeof (api as Partial<Client> | null | undefined)?.request !== 'function' || 'interceptors' in api)
    throw new InvalidInputError(`${caller} takes a client, as createClient() makes it; given: ${kindOf(api)}.`);
  assertOptions(caller, options);
  const limits = ['responseTimeoutMs', 'idleTimeoutMs'] as const;
  const names = [...more, ...limits];
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !names.includes(name) && refused.test(name))
      throw new InvalidInputError(
        `${caller} takes no ${name}. It takes: ${names.join(', ')}, data and other options of axios.`,
      );
  for (const name of limits) {
    const value: unknown = options[name];
    const isRight = typeof value === 'number' && value > 0;
    assertOption(caller, name, value, isRight, 'milliseconds, above 0, or Infinity');
  }
  // `client.request()` checks its arguments at the call. The Observable that it returns is cold, so nothing is sent.
  void api.request({ ...options, url });
}
