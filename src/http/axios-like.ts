import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/**
 * The part of an axios instance by which TypeScript recognises one. Axios has two sets of types, for ES modules and for CommonJS, which
 * are not compatible with each other: `AxiosInstance` of either fits this type.
 */
export interface AxiosLike {
  /** What axios merges into each request. The origin of `baseURL` is trusted. */
  readonly defaults: { readonly baseURL?: string | undefined };
  /** The interceptors, of which `attachSession()` adds one. */
  readonly interceptors: { readonly request: { eject(id: number): void } };
  /** Sends a request. */
  request(config: never): Promise<unknown>;
}

/**
 * Returns the given value, which must be an axios instance.
 *
 * @param call - the function that the value was passed to, such as `attachSession()`, for the message
 * @throws InvalidInputError for a value that is no axios instance
 */
export function axiosInstance(given: AxiosLike, call: string): AxiosInstance {
  const { interceptors, request } = Object(given) as {
    interceptors?: Partial<AxiosInstance['interceptors']>;
    request?: unknown;
  };
  if (typeof interceptors?.request?.use === 'function' && typeof request === 'function') {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- instances of axios are functions, too
    return given as AxiosInstance;
  }
  const what = typeof given === 'object' ? `${kindOf(given)} without interceptors and request` : kindOf(given);
  throw new InvalidInputError(`${call} takes an axios instance, as axios.create() gives it; given: ${what}.`);
}
