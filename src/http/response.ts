import { AxiosError, type AxiosRequestConfig, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

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

/** A 401 as the caller's own `validateStatus` would have it; throws the error that axios would have made. */
export function settled(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { status } = response;
  if (isValidStatus(config, status)) return response;
  const message = `Request failed with status code ${status}`;
  const error = new AxiosError(message, AxiosError.ERR_BAD_REQUEST, config, response.request, response);
  hideRequest(error);
  throw error;
}

/** Node's request and the platform's `Request` show the token's header to whoever logs them: they stay, but are not shown. */
export function hideRequest(holder: object): void {
  if (!(holder as { request?: unknown }).request || !Object.hasOwn(holder, 'request')) return;
  // Not where an adapter has fixed it.
  Reflect.defineProperty(holder, 'request', { enumerable: false });
}

/** Frees the connection of an answer that nobody will read. */
export function discard(response: AxiosResponse | undefined): void {
  const body = response?.data as { destroy?: () => unknown; cancel?: () => unknown } | null | undefined;
  try {
    if (typeof body?.destroy === 'function') body.destroy();
    else if (typeof body?.cancel === 'function') Promise.resolve(body.cancel()).catch(() => undefined);
  } catch {
    // JSON that has a method of that name, made by an adapter of one's own: nothing to free.
  }
}
