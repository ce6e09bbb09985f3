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
 * Wraps axios's own transform, which returns broken JSON as a string and an empty body as `''`. With this wrapper, a successful response
 * that says it is JSON must be JSON, and an empty body is `null`. Everything else is left to axios.
 */
const strictTransform = (own: AxiosResponseTransformer): AxiosResponseTransformer =>
  function (data: unknown, headers, status): unknown {
    const { responseType, response } = this as Reading;
    // A `responseType` of `''` or `null` means `json`, the default, as well.
    if (responseType && responseType !== 'json') return data;
    if (data === '') return null;
    const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(String((headers as AxiosHeaders).getContentType()));
    if (typeof data !== 'string' || !isJson || !isValidStatus(this, status))
      return own.call(this, data, headers, status) as unknown;
    try {
      return JSON.parse(data, readProperty(this, 'parseReviver') as Reviver) as unknown;
    } catch {
      // The parser's own message would quote the body.
      const message = 'The response says that it is JSON but is not';
      const error = new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, this, response?.request, response);
      hideRequest(error);
      throw error;
    }
  };

type Reviver = Parameters<typeof JSON.parse>[1];
/** The config, in which newer versions of axios keep the response while they read its body. */
type Reading = InternalAxiosRequestConfig & {
  readonly response?: AxiosResponse;
};

/**
 * Makes a request fail if its successful response says that it is JSON but is not, and makes an empty body `null`. Does nothing if the app
 * has response transforms of its own.
 */
export function readStrictly(config: InternalAxiosRequestConfig): void {
  const own = soleDefaultTransform(config.transformResponse, axiosDefaults.transformResponse);
  if (own) config.transformResponse = [strictTransform(own)];
}

/** Reads the body of a response for `isUnauthorized`, which is to see it as the caller will. */
export interface BodyReader {
  /** Runs the response transforms and keeps the result, so that axios does not run them a second time. */
  read(response: AxiosResponse): unknown;
  /** Drops the kept result, because the request is resent and will have another body. */
  forget(): void;
}

/** Makes the reader of a request's responses. Replaces the transforms of the request's config by one that returns what `read` has kept. */
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
