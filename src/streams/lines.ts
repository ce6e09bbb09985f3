import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import type { Observable } from 'rxjs';
import type { Client } from '../http/index.ts';
import { endingWithOwner } from './ending-with-owner.ts';
import { JsonLines } from './json-lines.ts';
import { openStream } from './open-stream.ts';
import { emitValues } from './read-body.ts';
import { checkStream, type StreamOptions } from './stream-options.ts';

/**
 * Receives a response of JSON lines and emits the parsed value of each line as it arrives: NDJSON, JSON Lines, and JSON text sequences,
 * whose texts may have several lines. Lines end with LF or CRLF; the last line need not have a line end. Empty lines are skipped. Returns a
 * cold Observable: each subscription sends a request, and unsubscribing closes the connection.
 *
 * @typeParam T - the type of a parsed line. It is not checked.
 * @returns an Observable of the parsed lines. It fails with `StreamFailedError`, reason `'invalid-line'`, at a line that is not JSON; the
 *   error's `line` is the number of that line, or, if a text of a sequence is not JSON, of its first line. It fails with
 *   `SessionChangedError` when the owner of the session changes, and with the errors of `client.request()`
 * @throws InvalidInputError for options that cannot work
 * @see RFC 7464 for JSON text sequences
 *
 * @example
 * ```ts
 * lines<Row>(api, '/export').pipe(bufferCount(100), concatMap((rows) => save(rows))).subscribe();
 * ```
 */
export function lines<T = unknown>(api: Client, url: string, options: StreamOptions = {}): Observable<T> {
  checkStream('lines()', api, url, options);
  const headers = AxiosHeaders.concat(
    { Accept: 'application/x-ndjson, application/json-seq, application/json' },
    options.headers as RawAxiosHeaders | undefined,
  );
  const turns$ = openStream(api, url, { ...options, headers }, () => ({ parser: new JsonLines<T>() }));
  return turns$.pipe(endingWithOwner(api, options), emitValues);
}
