import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/**
 * An axios instance by its structure. Axios has two sets of types, for ES modules and for CommonJS, that do not know each other: an
 * app's `AxiosInstance` fits this whichever it is.
 */
export interface AxiosLike {
  readonly defaults: { readonly baseURL?: string | undefined };
  readonly interceptors: { readonly request: { eject(id: number): void } };
  request(config: never): Promise<unknown>;
}

/** @throws InvalidInputError for what is no axios instance */
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
