import axios, { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hideRequest } from './response.ts';

/** What axios accepts as an adapter: a function, a name, or a list of them. */
export type AdapterChoice = Parameters<typeof axios.getAdapter>[0];

/** Sends a request as it is, by an adapter of this copy of axios. */
export async function transmit(choice: AdapterChoice, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  try {
    const send = copyOf(config, config.data);
    return asAsked(await axios.getAdapter(choice, send)(send), config);
  } catch (error) {
    throw failedAsAsked(error, config);
  }
}

/** Lets an answer carry the caller's config, not that of the send, in which the token is. */
export function asAsked(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  response.config = config;
  hideRequest(response);
  // An instance of another copy of axios (one of CommonJS, say) has headers of a class that this copy cannot read, nor it ours.
  if (!(config.headers instanceof AxiosHeaders)) response.headers = Object.assign({}, response.headers);
  return response;
}

/** The same for an error, and the answer in it. */
export function failedAsAsked(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (error instanceof Error && 'config' in error) {
    error.config = config;
    hideRequest(error);
    const { response } = error as { response?: AxiosResponse };
    if (response) asAsked(response, config);
  }
  return error;
}

/** A copy of a request for one send, with its body: an adapter writes Content-Length, XSRF and more into its headers. */
export function copyOf(config: InternalAxiosRequestConfig, data: unknown): InternalAxiosRequestConfig {
  const copy = copied(config);
  copy.data = data;
  copy.headers = Object.assign(new AxiosHeaders(), config.headers);
  return copy;
}

/** Like a spread, but key by key: of objects without a prototype, as axios's configs are, that takes a fifth of the time. */
function copied<T extends object>(source: T): T {
  const copy: Partial<T> = {};
  for (const key of Object.keys(source) as (keyof T)[]) copy[key] = source[key];
  for (const key of Object.getOwnPropertySymbols(source) as (keyof T)[]) copy[key] = source[key];
  return copy as T;
}
