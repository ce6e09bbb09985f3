import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import { pristine } from './axios-defaults.ts';

/** What axios merges and checks for each request, though it takes effect only where the request is sent. */
export type LateDefaults = Pick<AxiosRequestConfig, 'transitional' | 'env'>;

/**
 * The instance of a client that is given none, and what is to be put back into its requests. Axios merges all defaults of an
 * instance anew for each request: to do so with those that nobody has set takes longer than all that Sluice does.
 */
export function clientInstance(options: CreateAxiosDefaults<unknown>): {
  readonly instance: AxiosInstance;
  readonly late: LateDefaults;
} {
  const instance = axios.create(options);
  const { defaults } = instance;
  const { headers, transitional, env } = defaults;
  const late: LateDefaults = {};
  if (transitional && isLike(transitional, pristine.transitional)) {
    late.transitional = transitional;
    delete defaults.transitional;
  }
  if (env && isLike(env, pristine.env)) {
    late.env = env;
    delete defaults.env;
  }
  if (isPlain(headers)) {
    // One for each method, most of them empty.
    const said = Object.entries(headers).filter(
      ([name, value]) => !Object.hasOwn(pristine.headers ?? {}, name) || !isLike(value, {}),
    );
    defaults.headers = Object.fromEntries(said) as typeof headers;
  }
  return { instance, late };
}

/** Puts into a request what the defaults of such an instance lack. */
export function complete(request: AxiosRequestConfig, { transitional, env }: LateDefaults): void {
  if (transitional) request.transitional = { ...transitional, ...request.transitional };
  if (env) request.env = { ...env, ...request.env };
}

function isLike(value: unknown, other: object = {}): boolean {
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
