import type { AxiosError, AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import type { Library, Tokens } from '../driver.ts';
import { askBy, postByAxios, postLater, refreshOf, tokenBox, type TokenBody } from './asking.ts';
import { answerOf, axiosConfig, instanceFor } from './axios-config.ts';

type Queued = (token: string | false) => void;
type Tried = InternalAxiosRequestConfig & { _retry?: boolean };

/** What almost every app has written by hand: `isRefreshing`, `requestQueue`, `_retry`. */
export const recipe: Library = {
  name: 'hand-written recipe',
  version: '-',
  lacks: {
    cold: 'a promise is not cold',
    dispose: 'it cannot be taken off',
    events: 'it has no events',
    expiry: 'it knows no expiry',
    'no-resend': 'it has no such option',
    'opt-out': 'it has no such option',
    predicate: 'it has no such option',
    refresh: 'only a 401 refreshes',
    revoke: 'it has no such option',
    'shared-store': 'it shares nothing between tabs',
    'token-header': 'it has no such option',
  },
  drive(server, tokens, setup) {
    const box = setup.storage ?? tokenBox(tokens);
    const current = (): Tokens | null => box.get() as Tokens | null;
    let isRefreshing = false;
    let requestQueue: Queued[] = [];
    const processRequestQueue = (token: string | false): void => {
      for (const callback of requestQueue) callback(token);
      requestQueue = [];
    };

    const setUp = (client: AxiosInstance): void => {
      client.interceptors.request.use((config) => {
        const accessToken = current()?.accessToken;
        if (accessToken) config.headers.set('Authorization', `Bearer ${accessToken}`);
        return config;
      });
      client.interceptors.response.use(undefined, async (error: AxiosError) => {
        const originalRequest = error.config as Tried;
        if ((error.response as { status: number }).status !== 401 || originalRequest._retry) throw error;
        if (isRefreshing) {
          return new Promise((resolve, reject) => {
            requestQueue.push((token) => {
              if (token !== false) resolve(client(originalRequest));
              // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it is found everywhere
              reject(originalRequest);
            });
          });
        }
        originalRequest._retry = true;
        isRefreshing = true;
        return new Promise((resolve, reject) => {
          Promise.resolve(refreshOf(setup, current(), ask))
            .then(({ accessToken, refreshToken }) => {
              void box.set({ ...current(), accessToken, ...(refreshToken !== undefined && { refreshToken }) });
              processRequestQueue(accessToken);
              resolve(client(originalRequest));
            })
            .catch((failure: unknown) => {
              void box.set(null);
              processRequestQueue(false);
              reject(failure);
            })
            .finally(() => {
              isRefreshing = false;
            });
        });
      });
    };
    const instance = instanceFor(server, setup.hooks, setUp);
    const ask = askBy(
      server,
      setup.refreshThroughClient
        ? postLater(async (url, body) => (await instance.post<TokenBody>(url, body)).data)
        : postByAxios,
    );
    return {
      request: async (spec) =>
        answerOf(await instance.request({ ...axiosConfig(spec), ...(spec.signal && { signal: spec.signal }) })),
      signIn: (next) => void box.set(next),
      signOut: () => void box.set(null),
      tokens: current,
      sibling: () => {
        const other = instanceFor(server, undefined, setUp);
        return { request: async (spec) => answerOf(await other.request(axiosConfig(spec))) };
      },
    };
  },
};
