import {
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  type AxiosResponseTransformer,
  type InternalAxiosRequestConfig,
} from 'axios';
import { readProperty } from '../session/internal.ts';
import { axiosDefaults, soleDefaultTransform, toArray } from './axios-defaults.ts';
import { hideRequest } from './conceal-token.ts';
import { isValidStatus } from './response.ts';

/**
 * Stands in for axios's own transform, which answers broken JSON with a string and an empty body with `''`. JSON that says so
 * must be JSON, unless the answer is an error anyway; no body is `null`; anything else is left to axios.
 */
const strictTransform = (own: AxiosResponseTransformer): AxiosResponseTransformer =>
  function (data: unknown, headers, status): unknown {
    const { responseType, response } = this as Reading;
    // '' and null are axios's default as well.
    if (responseType && responseType !== 'json') return data;
    if (data === '') return null;
    const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(String((headers as AxiosHeaders).getContentType()));
    if (typeof data !== 'string' || !isJson || !isValidStatus(this, status))
      return own.call(this, data, headers, status) as unknown;
    try {
      return JSON.parse(data, readProperty(this, 'parseReviver') as Reviver) as unknown;
    } catch {
      // Not the parser's own message: it quotes the body.
      const message = 'The answer says that it is JSON but is not';
      const error = new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, this, response?.request, response);
      hideRequest(error);
      throw error;
    }
  };

/** While a body is read, newer versions of axios keep its response in the config. */
type Reviver = Parameters<typeof JSON.parse>[1];
type Reading = InternalAxiosRequestConfig & {
  readonly response?: AxiosResponse;
};

/** Makes bodies read strictly, where the transforms are axios's own. */
export function readStrictly(config: InternalAxiosRequestConfig): void {
  const own = soleDefaultTransform(config.transformResponse, axiosDefaults.transformResponse);
  if (own) config.transformResponse = [strictTransform(own)];
}

/** Lets a predicate see a body as the caller will. */
export interface BodyReader {
  /** What this makes the transforms do is not done again by axios, which runs them next: once a request. */
  read(response: AxiosResponse): unknown;
  /** The request is sent again: its next body will be another. */
  forget(): void;
}

export function bodyReader(config: InternalAxiosRequestConfig): BodyReader {
  const transforms = toArray(config.transformResponse);
  let read: { readonly body: unknown } | null = null;
  const run = (data: unknown, headers: AxiosHeaders, status?: number): unknown =>
    transforms.reduce<unknown>((body, transform) => transform.call(config, body, headers, status) as unknown, data);

  config.transformResponse = (data: unknown, headers, status) => {
    const body = read ? read.body : run(data, headers, status);
    read = null;
    return body;
  };
  return {
    read({ data, headers, status }) {
      const body = run(data, AxiosHeaders.from(headers as AxiosHeaders), status);
      read = { body };
      return body;
    },
    forget() {
      read = null;
    },
  };
}
