import type { Observable } from 'rxjs';
import type { Client } from '../http/index.ts';
import { endingWithOwner } from './ending-with-owner.ts';
import { openStream, type StreamReader } from './open-stream.ts';
import { checkLimits, type StreamOptions } from './stream-options.ts';

/**
 * Gives the text of a response while it comes in, piece by piece: what a language model writes, or a log. Pieces are as long as they
 * happen to arrive; none ends within a character. The encoding is UTF-8. A cold Observable: each subscription is a request, and
 * unsubscribing ends it and closes the connection.
 *
 * @returns fails with `SessionChangedError` when the owner of the session changes, and with what `client.request()` fails with
 * @throws InvalidInputError for options that cannot work
 *
 * @example
 * text(api, '/answer', { method: 'post', data: { question } }).pipe(scan((answer, piece) => answer + piece, ''));
 */
export function text(api: Client, url: string, options: StreamOptions = {}): Observable<string> {
  checkLimits('text()', options);
  return openStream(api, url, options, textReader).pipe(endingWithOwner(api, options));
}

function textReader(): StreamReader<string> {
  const decoder = new TextDecoder();
  const nonEmpty = (piece: string): string[] => (piece === '' ? [] : [piece]);
  return {
    push: (bytes) => nonEmpty(decoder.decode(bytes, { stream: true })),
    finish: () => nonEmpty(decoder.decode()),
  };
}
