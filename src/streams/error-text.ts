import { type AxiosResponse, isAxiosError } from 'axios';
import {
  catchError,
  concatMap,
  EMPTY,
  type Observable,
  scan,
  startWith,
  takeLast,
  takeUntil,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';
import { causesOf } from '../session/internal.ts';
import { emitValues, isStream, readBody } from './read-body.ts';
import { textParser } from './text-parser.ts';

/** How much of the body of an error is read, in UTF-16 code units, and for how long, in milliseconds. */
const [LONGEST_TEXT, LONGEST_MS] = [65_536, 2_000];

const ignore = (): void => undefined;

/**
 * Fails with `error`, which a request for a stream has failed with. If the error, or one of its causes, has a response whose body is a
 * stream, the text of that body first replaces the stream in `response.data`. Nobody would read the stream, so its connection would stay
 * open; and in Node the stream leads loggers to the request, whose headers hold the token.
 */
export function failWithText(error: unknown): Observable<never> {
  const response = causesOf(error)
    .map(responseOf)
    .find((one) => isStream(one?.data));
  const failed$ = throwError(() => error);
  if (!response) return failed$;
  return readBody(response.data, textParser(), { arrived: ignore, emitted: ignore, failed: (cause) => cause })
    .pipe(
      emitValues,
      scan((text, piece) => text + piece, ''),
      takeWhile((text) => text.length < LONGEST_TEXT, true),
      // If the body breaks off, keep the text that was read before: it may say why the request failed.
      catchError(() => EMPTY),
      startWith(''),
      takeUntil(timer(LONGEST_MS)),
      takeLast(1),
    )
    .pipe(
      concatMap((text) => {
        response.data = text.slice(0, LONGEST_TEXT);
        return failed$;
      }),
    );
}

function responseOf(error: unknown): AxiosResponse<unknown> | undefined {
  return isAxiosError(error) ? error.response : undefined;
}
