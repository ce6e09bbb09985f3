import type axios from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';

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
