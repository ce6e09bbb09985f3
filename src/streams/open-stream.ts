import axios, { type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';
import { asyncScheduler, catchError, defer, NEVER, type Observable, Subject, switchMap, takeUntil } from 'rxjs';
import type { Client } from '../http/index.ts';
import { partsOf, releaseBody } from '../http/internal.ts';
import { isSluiceError, StreamFailedError } from '../session/index.ts';
import { isUnsendable } from '../session/internal.ts';
import { failWithText } from './error-text.ts';
import { type BodyParser, readBody, type Values } from './read-body.ts';
import { failAfterSilence } from './silence.ts';
import type { StreamOptions } from './stream-options.ts';

/** Checks and parses one response. */
export interface StreamReader<T> {
  readonly parser: BodyParser<T>;
  /** Is called before the body is read. Throws if the response is not of the expected kind. */
  open?(response: AxiosResponse): void;
}

/**
 * Sends one request through the client and its session, and emits the parsed values of its response as they arrive, as `readBody` does:
 * one function for the values of each chunk, or several if the chunk is large. Unsubscribing, the caller's signal and a change of
 * the session's owner end the body and close the connection.
 */
export function openStream<T>(
  api: Client,
  url: string,
  { responseTimeoutMs = 30_000, idleTimeoutMs = Infinity, ...options }: StreamOptions,
  makeReader: () => StreamReader<T>,
): Observable<Values<T>> {
  return defer(() => {
    const reader = makeReader();
    let heardAt = 0;
    const limit$ = new Subject<Observable<never>>();
    const watch = (ms: number, error: () => StreamFailedError): void => {
      heardAt = asyncScheduler.now();
      limit$.next(failAfterSilence(ms, () => heardAt, error));
    };
    const adapter: AxiosAdapter = async (config) => {
      watch(
        responseTimeoutMs,
        () => new StreamFailedError('no-response', `No response began within ${responseTimeoutMs} ms.`),
      );
      try {
        return await axios.getAdapter(streamingAdapter(api, options.adapter), config)(config);
      } finally {
        // Remove the time limit: after a 401 the request waits for the session, which has time limits of its own.
        limit$.next(NEVER);
      }
    };
    const response$ = api.request({
      ...options,
      url,
      adapter,
      observe: 'response',
      responseType: 'stream',
      timeout: 0,
    });
    const turns$ = response$.pipe(
      catchError(failWithText),
      switchMap((response) => {
        openOrRelease(reader, response);
        watch(idleTimeoutMs, () => new StreamFailedError('silent', `No byte came within ${idleTimeoutMs} ms.`));
        return readBody(response.data, reader.parser, {
          arrived() {
            // While a slow subscriber handles values, nothing is read. Do not count that as silence of the server: the stream would fail
            // and drop a value whose event id counts as received.
            heardAt = Infinity;
          },
          emitted() {
            heardAt = asyncScheduler.now();
          },
          failed: (cause) => (options.signal?.aborted ? cause : interrupted(cause)),
        });
      }),
    );
    return turns$.pipe(takeUntil(limit$.pipe(switchMap((silence$) => silence$))));
  });
}

/**
 * Returns the error that the subscriber gets if a body could not be read to its end. Errors of axios and Sluice, and cancellations, stay as
 * they are; any other, such as a `TypeError` of `fetch`, becomes a `StreamFailedError` that tells the app of the lost connection.
 */
function interrupted(cause: unknown): unknown {
  if (isAxiosError(cause) || isSluiceError(cause) || isUnsendable(cause)) return cause;
  return new StreamFailedError('interrupted', 'The connection broke during the response.', undefined, cause);
}

/** Calls `open`, and releases the body if `open` throws: a body that is never read would keep its connection occupied. */
function openOrRelease(reader: StreamReader<unknown>, response: AxiosResponse): void {
  try {
    reader.open?.(response);
  } catch (error) {
    releaseBody(response);
    throw error;
  }
}

/**
 * Returns the caller's adapter, otherwise the client's; `fetch` if the client's is `XMLHttpRequest`, the default in browsers, which
 * cannot stream.
 */
function streamingAdapter(api: Client, given: AxiosRequestConfig['adapter']): AxiosRequestConfig['adapter'] {
  if (given) return given;
  const usual = partsOf(api)?.instance.defaults.adapter ?? axios.defaults.adapter;
  const isXhr = typeof XMLHttpRequest !== 'undefined' && axios.getAdapter(usual) === axios.getAdapter('xhr');
  return isXhr ? 'fetch' : usual;
}
