import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import { pristine } from './transforms.ts';

/** What axios merges and checks for each request, though it is needed only where the request is sent. */
const late = ['transitional', 'env'] as const;

/**
 * The instance of a client that is given none. Axios merges all defaults of an instance anew for each request: to do so with those
 * that say nothing takes longer than all that Sluice does.
 */
export function ownInstance(options: CreateAxiosDefaults<unknown>): AxiosInstance {
  const instance = axios.create(options);
  const { defaults } = instance;
  // One for each method, most of them empty.
  const said = Object.entries(defaults.headers).filter(([, value]) => !isEmpty(value));
  defaults.headers = Object.fromEntries(said) as typeof defaults.headers;
  for (const key of late) {
    if (options[key] === undefined && axios.defaults[key] === pristine[key]) Reflect.deleteProperty(defaults, key);
  }
  return instance;
}

/** Gives a request, when it is sent, what the defaults of such an instance lack. */
export function complete(request: AxiosRequestConfig): void {
  // Else a timeout is called ECONNABORTED by some adapters and ETIMEDOUT by others.
  request.transitional = { ...pristine.transitional, ...request.transitional, clarifyTimeoutError: true };
  request.env = { ...pristine.env, ...request.env };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
