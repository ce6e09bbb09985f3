import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { byPromise, type Contender, type Target } from '../contender.ts';

/** The interceptor that many apps have written by hand: `isRefreshing`, `requestQueue`, `_retry`. */
export const recipe: Contender = {
  name: 'hand-written recipe',
  over: 'axios',
  start(target) {
    const instance = withRecipe(target);
    return byPromise((path, signal) => instance.get(path, signal && { signal }));
  },
};

type Tried = InternalAxiosRequestConfig & { _retry?: boolean };

export function withRecipe({ url, tokens: given, refresh, memory }: Target): AxiosInstance {
  const instance = axios.create({ baseURL: url, ...(memory && { adapter: memory.adapter }) });
  let tokens = given;
  let isRefreshing = false;
  let requestQueue: ((error: unknown) => void)[] = [];
  const drain = (error?: unknown): void => {
    for (const callback of requestQueue) callback(error);
    requestQueue = [];
  };
  instance.interceptors.request.use((config) => {
    config.headers.set('Authorization', `Bearer ${tokens.accessToken}`);
    return config;
  });
  instance.interceptors.response.use(undefined, async (error: AxiosError) => {
    const originalRequest = error.config as Tried;
    if (error.response?.status !== 401 || originalRequest._retry) throw error;
    if (isRefreshing) {
      return new Promise((resolve, reject) => {
        requestQueue.push((failure) => {
          if (failure === undefined) resolve(instance(originalRequest));
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the refresh failed with, as it is written everywhere
          else reject(failure);
        });
      });
    }
    originalRequest._retry = true;
    isRefreshing = true;
    try {
      tokens = await refresh(tokens.refreshToken);
      drain();
      return await instance(originalRequest);
    } catch (failure) {
      drain(failure);
      throw failure;
    } finally {
      isRefreshing = false;
    }
  });
  return instance;
}
