import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { Observable } from 'rxjs';

/** Options of one request of a client: axios's own, such as `params`, `headers`, `timeout` and `responseType`, and these. */
export interface RequestOptions extends Omit<AxiosRequestConfig<unknown>, 'url' | 'method' | 'signal'> {
  /** What the Observable emits: the body, the `AxiosResponse`, or each `RequestEvent`. @defaultValue `'body'` */
  readonly observe?: 'body' | 'response' | 'events';
  /**
   * A Standard Schema (Zod, Valibot, ArkType, …). It validates the body of a response and gives its type; the Observable emits the
   * schema's output, or fails with `SchemaMismatchError`.
   *
   * @defaultValue none: the body is not validated
   * @see https://standardschema.dev
   */
  readonly schema?: StandardSchemaV1;
  /**
   * `false` makes the request without the client's session: no token, no waiting, no refresh. For public endpoints, sign-in and the
   * refresh itself.
   *
   * @defaultValue the session of the client
   */
  readonly session?: false;
  /**
   * Aborts the request, which then fails with a `CanceledError`, or with `ETIMEDOUT` if the signal is one of `AbortSignal.timeout()`. The
   * signal's reason is the error's `cause`. Unsubscribing aborts without an error.
   *
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
}

/** How far the transfer of a body has come, of one send. */
export interface TransferProgress {
  /** The bytes that have been transferred, from 0 on for each send. */
  readonly loaded: number;
  /** The size of the body in bytes; absent if it is unknown. */
  readonly total?: number;
  /** The speed in bytes per second, as axios measures it; absent until a quarter of a second has passed. */
  readonly rate?: number;
  /** The time until the body has been transferred at this speed, in seconds; absent without `total` or `rate`. */
  readonly estimated?: number;
}

/**
 * What happens to a request, in this order; the Observable completes after `response`. If the request is resent, the events come again from
 * `sent` on, and progress starts again from 0. So progress before the last `sent` may be that of an upload that the server has refused, or
 * of the body of a 401.
 */
export type RequestEvent<T> =
  /** The request is being sent. `attempt` counts from 1; further attempts are resends with a newer token. */
  | { readonly type: 'sent'; readonly attempt: number }
  /** Part of the body has been sent. Over `fetch` in a browser only if the request has an `onUploadProgress`. */
  | ({ readonly type: 'uploadProgress' } & TransferProgress)
  /** Part of the response's body has been received. */
  | ({ readonly type: 'downloadProgress' } & TransferProgress)
  /** The request has succeeded. */
  | { readonly type: 'response'; readonly response: AxiosResponse<T> };

/** Options of a request that emits the response, or each event. */
type Observing<O extends 'response' | 'events'> = RequestOptions & { readonly observe: O };
/** Options with a schema. */
type Validating<S extends StandardSchemaV1> = { readonly schema: S };
/** Options of a request that emits the body. */
type OfBody = RequestOptions & { readonly observe?: 'body' };
/** Options without a schema. With one, the result type is the schema's output, and an explicit type argument is refused. */
type Unchecked = { readonly schema?: undefined };
/** The type of the body that a schema makes. */
type Output<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;

/** The methods `get`, `delete`, `head` and `options` of a client. */
export interface SendWithoutBody {
  /** Emits the response, whose body is the schema's output. */
  <S extends StandardSchemaV1>(
    url: string,
    options: Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  /** Emits each event; the body of the response is the schema's output. */
  <S extends StandardSchemaV1>(
    url: string,
    options: Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  /** Emits the schema's output for the body. */
  <S extends StandardSchemaV1>(url: string, options: OfBody & Validating<S>): Observable<Output<S>>;
  /** Emits the response. */
  <T = unknown>(url: string, options: Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  /** Emits each event. */
  <T = unknown>(url: string, options: Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  /** Emits the body. */
  <T = unknown>(url: string, options?: OfBody & Unchecked): Observable<T>;
  /** For options whose `observe` is not known when the code is compiled. */
  (url: string, options: RequestOptions): Observable<unknown>;
}

/**
 * The methods `post`, `put`, `patch`, `postForm`, `putForm` and `patchForm` of a client. The body is whatever axios accepts, or a
 * `BodyFactory`, which is called for each send.
 */
export interface SendWithBody {
  /** Emits the response, whose body is the schema's output. */
  <S extends StandardSchemaV1>(
    url: string,
    body: unknown,
    options: Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  /** Emits each event; the body of the response is the schema's output. */
  <S extends StandardSchemaV1>(
    url: string,
    body: unknown,
    options: Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  /** Emits the schema's output for the body. */
  <S extends StandardSchemaV1>(url: string, body: unknown, options: OfBody & Validating<S>): Observable<Output<S>>;
  /** Emits the response. */
  <T = unknown>(url: string, body: unknown, options: Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  /** Emits each event. */
  <T = unknown>(url: string, body: unknown, options: Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  /** Emits the body. */
  <T = unknown>(url: string, body?: unknown, options?: OfBody & Unchecked): Observable<T>;
  /** For options whose `observe` is not known when the code is compiled. */
  (url: string, body: unknown, options: RequestOptions): Observable<unknown>;
}

/** The method `request` of a client, which takes URL, method and options in one object. */
export interface SendRequest {
  /** Emits the response, whose body is the schema's output. */
  <S extends StandardSchemaV1>(
    request: Addressed & Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  /** Emits each event; the body of the response is the schema's output. */
  <S extends StandardSchemaV1>(
    request: Addressed & Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  /** Emits the schema's output for the body. */
  <S extends StandardSchemaV1>(request: Addressed & OfBody & Validating<S>): Observable<Output<S>>;
  /** Emits the response. */
  <T = unknown>(request: Addressed & Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  /** Emits each event. */
  <T = unknown>(request: Addressed & Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  /** Emits the body. */
  <T = unknown>(request: Addressed & OfBody & Unchecked): Observable<T>;
  /** For options whose `observe` is not known when the code is compiled. */
  (request: Addressed & RequestOptions): Observable<unknown>;
}

/** Where a request goes. `method` is `get` if it is absent. */
type Addressed = { readonly url: string; readonly method?: string };
