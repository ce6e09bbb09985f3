import type { Observable } from 'rxjs';
import type { Client } from '../http/index.ts';
import { endingWithOwner } from './ending-with-owner.ts';
import { openStream } from './open-stream.ts';
import { emitValues } from './read-body.ts';
import { checkStream, type StreamOptions } from './stream-options.ts';
import { textParser } from './text-parser.ts';

/**
 * Receives a text response and emits its pieces as they arrive, such as the output of a language model, or a log. Pieces are of any
 * length, and none ends within a character. The encoding is UTF-8. Returns a cold Observable: each subscription sends a request, and
 * unsubscribing closes the connection.
 *
 * @returns an Observable of pieces. It fails with `SessionChangedError` when the owner of the session changes, and with the errors of
 *   `client.request()`
 * @throws InvalidInputError for options that cannot work
 *
 * @example
 * ```ts
 * text(api, '/answer', { method: 'post', data: { question } }).pipe(scan((answer, piece) => answer + piece, ''));
 * ```
 */
export function text(api: Client, url: string, options: StreamOptions = {}): Observable<string> {
  checkStream('text()', api, url, options);
  return openStream(api, url, options, () => ({ parser: textParser() })).pipe(
    endingWithOwner(api, options),
    emitValues,
  );
}
