import { AxiosError, AxiosHeaders } from 'axios';

/** The error of axios for a response with this status, or for a request without a response. */
export function failure(status?: number, headers: Record<string, string> = {}, method = 'get'): AxiosError {
  const config = { method, headers: new AxiosHeaders() };
  const response = status === undefined ? undefined : { status, headers, config, data: {}, statusText: '' };
  const code = status === undefined ? AxiosError.ERR_NETWORK : AxiosError.ERR_BAD_RESPONSE;
  return new AxiosError(`failed with ${String(status)}`, code, config, {}, response);
}
