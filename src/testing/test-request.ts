import type { InternalAxiosRequestConfig } from 'axios';
import type { TestProgress } from './progress.ts';
import type { SentEvent } from './streamed-body.ts';

/** The status and the headers of a response that a test gives. */
export interface TestResponseInit {
  /** The status code, from 100 to 599. One that `validateStatus` refuses makes an `AxiosError`. @defaultValue `200` */
  readonly status?: number;
  /** The text after the status code. @defaultValue `''`, as over HTTP/2 */
  readonly statusText?: string;
  /** The headers, with names in small letters or capitals. @defaultValue a `content-type` for JSON and for events, otherwise none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a request fails without a response. */
export interface TestErrorInit {
  /** The code of the `AxiosError`, such as `ECONNRESET`. @defaultValue `'ERR_NETWORK'` */
  readonly code?: string;
  /** The message of the `AxiosError`. @defaultValue `'Network Error'` */
  readonly message?: string;
  /** The `cause` of the error. @defaultValue none */
  readonly cause?: unknown;
}

/**
 * One send of a request, which the test answers. The methods that answer throw if the client has cancelled the request, or if it has been
 * answered already.
 */
export interface TestRequest {
  /** The method in capitals. */
  readonly method: string;
  /** The whole URL with its query. */
  readonly url: string;
  /** The body as the server would read it: the parsed JSON if the request says that it is JSON, otherwise as axios has made it. */
  readonly body: unknown;
  /** What axios gave its adapter. Its `headers` hold the token, so do not print it. */
  readonly config: InternalAxiosRequestConfig;
  /** Which send of its request this is: 1 for the first, 2 for the first resend. Without a session always 1. */
  readonly attempt: number;
  /** Whether the request carries a header in which the client's session sends its token, or, without a session, `Authorization`. */
  readonly authorized: boolean;
  /**
   * Whether the client has ended the request before its whole response had arrived: by unsubscribing, a signal, a timeout, or because the
   * session's owner has changed.
   */
  readonly cancelled: boolean;
  /** Whether the response has begun, by `events` or `chunks`, and has not ended. */
  readonly streaming: boolean;
  /**
   * Answers with a whole response, which axios treats like one from a server: a status that `validateStatus` refuses makes an `AxiosError`.
   * The client handles it a few microtasks later: see `HttpController.settled`.
   *
   * @param body - a string or bytes are sent as they are, `null` and `undefined` as an empty body, and everything else as JSON
   */
  flush(body?: unknown, response?: TestResponseInit): void;
  /**
   * Makes the request fail without a response, or breaks the connection while a streamed body is sent.
   *
   * @param error - the properties of the `AxiosError`, or an error of the platform, which becomes its `cause`
   */
  error(error?: TestErrorInit | Error): void;
  /** Reports progress to the request's listeners, and so to `observe: 'events'`. */
  progress(progress: TestProgress): void;
  /**
   * Sends server-sent events to a request for a stream, which then goes on: call it again, then `end` or `error`. The first call begins the
   * response, as `text/event-stream`.
   */
  events(events: readonly SentEvent[], response?: TestResponseInit): void;
  /**
   * Sends parts of a body to a request for a stream, whose response then goes on: call it again, then `end` or `error`. The first call
   * begins the response, without a content type unless `response` gives one.
   */
  chunks(chunks: readonly (string | Uint8Array)[], response?: TestResponseInit): void;
  /** Ends the body that `events` or `chunks` has begun. */
  end(): void;
  /** Method and path, without the values of the query. */
  toString(): string;
}
