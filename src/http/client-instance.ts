import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import { axiosDefaults } from './axios-defaults.ts';

/** Defaults that axios merges and validates for each request although only the adapter reads them. */
export type DeferredDefaults = Pick<AxiosRequestConfig, 'transitional' | 'env'>;

/**
 * Makes the axios instance for a client that was given none. Leaves out the defaults that nobody has set, and returns those that
 * `restoreDefaults` is to put back into each request. Axios merges all defaults of an instance for each request: merging the unset ones
 * takes longer than all that Sluice does.
 */
export function clientInstance(options: CreateAxiosDefaults<unknown>): {
  readonly instance: AxiosInstance;
  readonly deferred: DeferredDefaults;
} {
  const instance = axios.create(options);
  const { defaults } = instance;
  const { headers, transitional, env } = defaults;
  const deferred: DeferredDefaults = {};
  if (transitional && hasSameEntries(transitional, axiosDefaults.transitional)) {
    deferred.transitional = transitional;
    delete defaults.transitional;
  }
  if (env && hasSameEntries(env, axiosDefaults.env)) {
    deferred.env = env;
    delete defaults.env;
  }
  if (isPlain(headers)) {
    // The default headers contain an object of headers for each method, most of them empty. Remove the empty ones, which axios would merge
    // for each request.
    const nonEmpty = Object.entries(headers).filter(
      ([name, value]) => !Object.hasOwn(axiosDefaults.headers ?? {}, name) || !hasSameEntries(value, {}),
    );
    defaults.headers = Object.fromEntries(nonEmpty) as typeof headers;
  }
  return { instance, deferred };
}

/** Puts the deferred defaults of a client's instance into a request. */
export function restoreDefaults(request: AxiosRequestConfig, { transitional, env }: DeferredDefaults): void {
  if (transitional) request.transitional = { ...transitional, ...request.transitional };
  if (env) request.env = { ...env, ...request.env };
}

function hasSameEntries(value: unknown, other: object = {}): boolean {
  const entries = Object.entries(other);
  return (
    isPlain(value) &&
    Object.keys(value).length === entries.length &&
    entries.every(([key, its]) => value[key as keyof typeof value] === its)
  );
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    [null, Object.prototype].includes(Object.getPrototypeOf(value) as null)
  );
}
