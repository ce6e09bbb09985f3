import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import type { Observable } from 'rxjs';
import type { Client } from '../http/index.ts';
import { endingWithOwner } from './ending-with-owner.ts';
import { JsonLines } from './json-lines.ts';
import { openStream } from './open-stream.ts';
import { checkLimits, type StreamOptions } from './stream-options.ts';

/**
 * Gives each line of a response as JSON while the response comes in: NDJSON, JSON Lines, and JSON text sequences. Lines end with LF or
 * CRLF, the last one also with the response; empty ones are left out. A cold Observable: each subscription is a request, and
 * unsubscribing ends it and closes the connection.
 *
 * @typeParam T - what a line holds. It is not checked.
 * @returns fails with `StreamFailedError`, reason `'invalid-line'`, at a line that is no JSON, whose number is the error's `line`; with
 *   `SessionChangedError` when the owner of the session changes; and with what `client.request()` fails with
 * @throws InvalidInputError for options that cannot work
 * @see RFC 7464 for JSON text sequences
 *
 * @example
 * lines<Row>(api, '/export').pipe(bufferCount(100), concatMap((rows) => save(rows))).subscribe();
 */
export function lines<T = unknown>(api: Client, url: string, options: StreamOptions = {}): Observable<T> {
  checkLimits('lines()', options);
  const headers = AxiosHeaders.concat(
    { Accept: 'application/x-ndjson, application/json-seq, application/json' },
    options.headers as RawAxiosHeaders | undefined,
  );
  return openStream(api, url, { ...options, headers }, () => new JsonLines<T>()).pipe(endingWithOwner(api, options));
}
