import axios, {
  AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';

/** What axios accepts as an adapter: a function, a name, or a list of these. */
export type AdapterChoice = Parameters<typeof axios.getAdapter>[0];

/** Returns the adapter of a request. As in axios, an instance may have none: those of the class `Axios` have no defaults. */
export function adapterOf(
  { adapter }: AxiosRequestConfig,
  { defaults }: Pick<AxiosInstance, 'defaults'>,
): AdapterChoice {
  return adapter ?? defaults.adapter ?? axios.defaults.adapter;
}

/** Whether a value is an axios response, rather than an error that carries one, or a body. */
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

/** The part of a config that says which responses are successful. */
interface Validates {
  readonly validateStatus?: AxiosRequestConfig['validateStatus'] | undefined;
}

/** Whether the caller takes this status for success. As in axios, a response without a status is successful. */
export function isValidStatus({ validateStatus }: Validates, status: number | undefined): boolean {
  return !status || typeof validateStatus !== 'function' || validateStatus(status);
}

/**
 * Returns the response if the caller's `validateStatus` accepts its status.
 *
 * @param validates - has the caller's `validateStatus`, if `config` has another one
 * @throws AxiosError otherwise, as axios would
 */
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
