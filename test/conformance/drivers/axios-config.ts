import { Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import type { AuthServer } from '../../support/auth-server.ts';
import type { Answer, Hooks, RequestSpec } from '../driver.ts';

/** A request as axios takes it. Its signal is left to the driver. */
export function axiosConfig(
  spec: RequestSpec,
): Omit<AxiosRequestConfig<unknown>, 'signal' | 'headers'> & { headers?: Record<string, string> } {
  const { url, method = 'GET', json, chunks, headers, timeoutMs, accepts, asText, onUpload } = spec;
  return {
    url,
    method,
    ...(json !== undefined && { data: json }),
    ...(chunks && { data: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) }),
    ...((headers ?? chunks) && { headers: { ...(chunks && { 'Content-Type': 'text/plain' }), ...headers } }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(accepts && { validateStatus: accepts }),
    ...(asText && { responseType: 'text' as const, transformResponse: (data: unknown) => data }),
    ...(onUpload && {
      onUploadProgress: ({ loaded }) => {
        onUpload(loaded);
      },
    }),
  };
}

export function answerOf({ status, data }: AxiosResponse): Answer {
  return { status, body: data };
}

/** An instance as the app has it, with its own interceptors around those of the library. */
export function instanceFor(
  { url }: AuthServer,
  hooks: Hooks | undefined,
  attach: (to: AxiosInstance) => void,
): AxiosInstance {
  const instance = axios.create({ baseURL: url });
  if (hooks) {
    instance.defaults.transformRequest = [
      (data: unknown, headers) => {
        headers.set('Content-Type', 'application/json');
        return hooks.transform(data);
      },
    ];
  }
  if (hooks?.order === 'before') intercept(instance, hooks);
  attach(instance);
  if (hooks?.order === 'after') intercept(instance, hooks);
  return instance;
}

function intercept(instance: AxiosInstance, hooks: Hooks): void {
  instance.interceptors.request.use((config) => {
    hooks.request();
    return config;
  });
  instance.interceptors.response.use((response) => ({ ...response, data: hooks.response(response.data) }));
}
