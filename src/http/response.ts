import type axios from 'axios';
import { AxiosError, type AxiosRequestConfig, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

/** What axios accepts as an adapter: a function, a name, or a list of them. */
export type AdapterChoice = Parameters<typeof axios.getAdapter>[0];

/** Whether a value is an axios response: not an error that carries one, and not a body. */
export function isResponse(value: unknown): value is AxiosResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    'config' in value &&
    'headers' in value &&
    'status' in value
  );
}

interface Validates {
  readonly validateStatus?: AxiosRequestConfig['validateStatus'] | undefined;
}

/** Whether the caller takes this status for success. None at all is one for axios. */
export function isValidStatus({ validateStatus }: Validates, status: number | undefined): boolean {
  return !status || typeof validateStatus !== 'function' || validateStatus(status);
}

/** An answer as the caller's own `validateStatus` would have it; throws the error that axios would have made. */
export function settle(
  response: AxiosResponse,
  config: InternalAxiosRequestConfig,
  validates: Validates = config,
): AxiosResponse {
  const { status } = response;
  if (isValidStatus(validates, status)) return response;
  const code = [AxiosError.ERR_BAD_REQUEST, AxiosError.ERR_BAD_RESPONSE][Math.floor(status / 100) - 4];
  throw new AxiosError(`Request failed with status code ${status}`, code, config, response.request, response);
}
