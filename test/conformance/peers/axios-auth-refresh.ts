import { readFileSync } from 'node:fs';
import type { AxiosError, AxiosInstance, AxiosRequestConfig } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { askBy, postByAxios, postLater, refreshOf, tokenBox, type TokenBody } from '../drivers/asking.ts';
import { answerOf, axiosConfig, instanceFor } from '../drivers/axios-config.ts';

type Config = AxiosRequestConfig & { skipAuthRefresh?: boolean; session?: false };

const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/axios-auth-refresh/package.json', import.meta.url), 'utf8'),
) as { version: string };

/** As its README has it: an interceptor of the app that attaches the token, `createAuthRefresh` with its defaults. */
export const axiosAuthRefresh: Library = {
  name: 'axios-auth-refresh',
  version,
  lacks: {
    'attaches-token': 'the app’s own interceptor attaches the token',
    cold: 'a promise is not cold',
    events: 'it has no events',
    expiry: 'it knows no expiry',
    predicate: '`shouldRefresh` sees errors only',
    refresh: 'only a 401 refreshes',
    revoke: 'it has no such option',
    'shared-store': 'it shares nothing between tabs',
    storage: 'the app keeps the tokens',
    'token-header': 'the app’s own interceptor attaches the token',
  },
  drive(server, tokens, setup) {
    const box = tokenBox(tokens);
    const interceptors: [AxiosInstance, number][] = [];
    const refreshAuthLogic = (failed: AxiosError): Promise<void> =>
      Promise.resolve(refreshOf(setup, box.get(), ask)).then((next) => {
        box.merge(next);
        const { config } = failed.response as { config: { headers: Record<string, string> } };
        config.headers['Authorization'] = `Bearer ${next.accessToken}`;
      });
    const setUp = (to: AxiosInstance): void => {
      to.interceptors.request.use((config) => {
        const accessToken = box.get()?.accessToken;
        if (accessToken !== undefined && (config as Config).session !== false)
          config.headers.set('Authorization', `Bearer ${accessToken}`);
        return config;
      });
      interceptors.push([to, createAuthRefresh(to, refreshAuthLogic)]);
    };
    const instance = instanceFor(server, setup.hooks, setUp);
    const ask = askBy(
      server,
      setup.refreshThroughClient
        ? postLater(async (url, body) => {
            const config: Config = { skipAuthRefresh: true };
            return (await instance.post<TokenBody>(url, body, config)).data;
          })
        : postByAxios,
    );
    const send = async (by: AxiosInstance, spec: RequestSpec): Promise<Answer> => {
      const config: Config = {
        ...axiosConfig(spec),
        ...(spec.signal && { signal: spec.signal }),
        ...((spec.session === false || spec.resend === false) && { skipAuthRefresh: true }),
        ...(spec.session === false && { session: false }),
      };
      return answerOf(await by.request<unknown>(config));
    };
    return {
      request: (spec) => send(instance, spec),
      signIn: box.set,
      signOut: () => {
        box.set(null);
      },
      tokens: box.get,
      sibling: () => {
        const other = instanceFor(server, undefined, setUp);
        return { request: (spec) => send(other, spec) };
      },
      dispose: () => {
        for (const [to, id] of interceptors) to.interceptors.response.eject(id);
      },
    };
  },
};
