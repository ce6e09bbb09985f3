import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { Observable } from 'rxjs';

/** Options of one request: axios's own, and these. */
export interface RequestOptions extends Omit<AxiosRequestConfig<unknown>, 'url' | 'method' | 'signal'> {
  /** What the Observable gives: the body, the whole response, or everything that happens. @defaultValue `'body'` */
  readonly observe?: 'body' | 'response' | 'events';
  /** Any Standard Schema (Zod, Valibot, ArkType, …): checks the body and gives its type. */
  readonly schema?: StandardSchemaV1;
  /** No token, no waiting, no refresh: for public endpoints, sign-in and the refresh itself. */
  readonly session?: false;
  /** Aborts the request with an error. Unsubscribing does so without one; both work. */
  readonly signal?: AbortSignal;
}

/** What happens to a request, in order. */
export type RequestEvent<T> =
  /** On its way to the wire. `attempt` counts from 1; a second one follows a refresh. */
  | { readonly type: 'sent'; readonly attempt: number }
  /** Bytes; `total` where known. */
  | { readonly type: 'uploadProgress'; readonly loaded: number; readonly total?: number }
  | { readonly type: 'downloadProgress'; readonly loaded: number; readonly total?: number }
  | { readonly type: 'response'; readonly response: AxiosResponse<T> };

type Observing<O extends 'response' | 'events'> = RequestOptions & { readonly observe: O };
type Validating<S extends StandardSchemaV1> = { readonly schema: S };
type OfBody = RequestOptions & { readonly observe?: 'body' };
/** The schema gives the type; another one is not believed. */
type Unchecked = { readonly schema?: undefined };
type Output<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;

/** `get`, `delete`, `head`, `options` */
export interface SendWithoutBody {
  <S extends StandardSchemaV1>(
    url: string,
    options: Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  <S extends StandardSchemaV1>(
    url: string,
    options: Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  <S extends StandardSchemaV1>(url: string, options: OfBody & Validating<S>): Observable<Output<S>>;
  <T = unknown>(url: string, options: Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  <T = unknown>(url: string, options: Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  <T = unknown>(url: string, options?: OfBody & Unchecked): Observable<T>;
  /** Where it is not known what they observe. */
  (url: string, options: RequestOptions): Observable<unknown>;
}

/** `post`, `put`, `patch` and their forms. A body may be a function that makes it, at once: it is called for each send. */
export interface SendWithBody {
  <S extends StandardSchemaV1>(
    url: string,
    body: unknown,
    options: Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  <S extends StandardSchemaV1>(
    url: string,
    body: unknown,
    options: Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  <S extends StandardSchemaV1>(url: string, body: unknown, options: OfBody & Validating<S>): Observable<Output<S>>;
  <T = unknown>(url: string, body: unknown, options: Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  <T = unknown>(url: string, body: unknown, options: Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  <T = unknown>(url: string, body?: unknown, options?: OfBody & Unchecked): Observable<T>;
  /** Where it is not known what they observe. */
  (url: string, body: unknown, options: RequestOptions): Observable<unknown>;
}

/** `request`: everything in one object. */
export interface SendRequest {
  <S extends StandardSchemaV1>(
    request: Addressed & Observing<'response'> & Validating<S>,
  ): Observable<AxiosResponse<Output<S>>>;
  <S extends StandardSchemaV1>(
    request: Addressed & Observing<'events'> & Validating<S>,
  ): Observable<RequestEvent<Output<S>>>;
  <S extends StandardSchemaV1>(request: Addressed & OfBody & Validating<S>): Observable<Output<S>>;
  <T = unknown>(request: Addressed & Observing<'response'> & Unchecked): Observable<AxiosResponse<T>>;
  <T = unknown>(request: Addressed & Observing<'events'> & Unchecked): Observable<RequestEvent<T>>;
  <T = unknown>(request: Addressed & OfBody & Unchecked): Observable<T>;
  /** Where it is not known what it observes. */
  (request: Addressed & RequestOptions): Observable<unknown>;
}

type Addressed = { readonly url: string; readonly method?: string };
