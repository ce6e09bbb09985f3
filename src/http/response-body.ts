import axios, {
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  type AxiosResponseTransformer,
  type InternalAxiosRequestConfig,
} from 'axios';
import { isValidStatus } from './response.ts';

const transformsOf = ({ transformResponse }: InternalAxiosRequestConfig): AxiosResponseTransformer[] =>
  [transformResponse ?? []].flat();

/**
 * Stands before axios's own transform, which answers broken JSON with a string and an empty body with `''`. JSON that says so
 * must be JSON, unless the answer is an error anyway; no body is `null`.
 */
function readBody(this: InternalAxiosRequestConfig, data: unknown, headers: AxiosHeaders, status?: number): unknown {
  if (this.responseType !== undefined && this.responseType !== 'json') return data;
  if (data === '') return null;
  const isJson = /[/+]json\b/i.test(String(headers.getContentType()));
  if (typeof data !== 'string' || !isJson || status === undefined || !isValidStatus(this, status)) return data;
  try {
    return JSON.parse(data, (this as { parseReviver?: Parameters<typeof JSON.parse>[1] }).parseReviver);
  } catch {
    // Not the parser's own message: it quotes the body.
    throw new AxiosError('The answer says that it is JSON but is not', AxiosError.ERR_BAD_RESPONSE, this);
  }
}

/** Makes bodies read strictly, where the transforms are axios's own. */
export function readStrictly(config: InternalAxiosRequestConfig): void {
  const transforms = transformsOf(config);
  const [own] = [axios.defaults.transformResponse ?? []].flat();
  if (transforms.length === 1 && transforms[0] === own)
    config.transformResponse = [readBody as AxiosResponseTransformer, ...transforms];
}

/**
 * Lets a predicate see a body as the caller will. What it made the transforms do is not done again by axios, which runs them
 * next: once a request.
 */
export function bodyReader(config: InternalAxiosRequestConfig): (response: AxiosResponse) => unknown {
  const transforms = transformsOf(config);
  let read: { readonly from: unknown; readonly body: unknown } | null = null;
  const run = (data: unknown, headers: AxiosHeaders, status?: number): unknown =>
    transforms.reduce<unknown>((body, transform) => transform.call(config, body, headers, status) as unknown, data);

  config.transformResponse = (data: unknown, headers, status) => {
    const body = read?.from === data && read ? read.body : run(data, headers as AxiosHeaders, status);
    read = null;
    return body;
  };
  return ({ data, headers, status }) => {
    const body = run(data, AxiosHeaders.from(headers as AxiosHeaders), status);
    read = { from: data, body };
    return body;
  };
}
