import type { RequestOptions } from '../http/index.ts';
import { InvalidInputError } from '../session/index.ts';
import { assertOption } from '../session/internal.ts';

/** The request of a stream, as `client.request()` takes it, and how long it may be silent. */
export interface StreamOptions extends Omit<RequestOptions, 'observe' | 'schema' | 'responseType' | 'timeout'> {
  /** @defaultValue `'get'` */
  readonly method?: string;
  /** The body. A function makes one for each send: a stream that was sent once cannot be sent again. @defaultValue none */
  readonly data?: unknown;
  /**
   * How long the server may take to begin its response, in milliseconds, counted for each send: the wait for a refresh does not count.
   * The timeout of the client does not apply, since it would end the stream.
   *
   * @defaultValue `30_000`
   */
  readonly responseTimeoutMs?: number;
  /**
   * How long the stream may be silent, in milliseconds; comments of the server count as a sign of life. A connection that is lost without
   * a word (sleep, a change of network) is noticed by nothing else, so set it to a little more than the interval of the server's
   * comments, if it sends some.
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
