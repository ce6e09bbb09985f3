import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { kindOf, readProperty } from '../session/internal.ts';

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
  const { use } = Object(readProperty(readProperty(given, 'interceptors'), 'request')) as { readonly use?: unknown };
  if (typeof use === 'function' && typeof readProperty(given, 'request') === 'function') return given as AxiosInstance;
  throw new InvalidInputError(
    `${call} takes an axios instance, as axios.create() gives it; given: ${kindOf(given)}${typeof given === 'object' ? ' without interceptors and request' : ''}.`,
  );
}
