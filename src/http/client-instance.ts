import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import { axiosDefaults } from './axios-defaults.ts';

/** What axios merges and checks for each request, though it takes effect only where the request is sent. */
export type DeferredDefaults = Pick<AxiosRequestConfig, 'transitional' | 'env'>;

/**
 * The instance of a client that is given none, and what is to be put back into its requests. Axios merges all defaults of an
 * instance anew for each request: to do so with those that nobody has set takes longer than all that Sluice does.
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
    // One for each method, most of them empty.
    const said = Object.entries(headers).filter(
      ([name, value]) => !Object.hasOwn(axiosDefaults.headers ?? {}, name) || !hasSameEntries(value, {}),
    );
    defaults.headers = Object.fromEntries(said) as typeof headers;
  }
  return { instance, deferred };
}

/** Puts into a request what the defaults of such an instance lack. */
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
