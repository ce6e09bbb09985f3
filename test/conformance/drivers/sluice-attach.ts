import type { AxiosInstance } from 'axios';
import { attachSession, withoutSession } from '../../../src/index.ts';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { askBy, postByAxios, postLater, type TokenBody } from './asking.ts';
import { answerOf, axiosConfig, instanceFor } from './axios-config.ts';
import { ownCredentials, sessionDriver, sessionFor, sluiceVersion } from './sluice-session.ts';

/** `attachSession`: an axios instance and its promises. */
export const sluiceAttach: Library = {
  name: 'Sluice attached',
  version: sluiceVersion,
  lacks: { cold: 'a promise is not cold' },
  drive(server, tokens, setup) {
    const post = setup.refreshThroughClient
      ? postLater(async (url, body, signal) => {
          const { data } = await instance.post<TokenBody>(url, body, { ...(signal && { signal }) });
          return data;
        })
      : postByAxios;
    const session = sessionFor(server, tokens, setup, askBy(server, post));
    const detaching: (() => void)[] = [];
    const makeInstance = (): AxiosInstance => {
      const { isUnauthorized } = setup;
      return instanceFor(server, setup.hooks, (to) => {
        const detach = attachSession(to, session, {
          ...(isUnauthorized && { isUnauthorized: (response) => isUnauthorized(answerOf(response)) }),
        });
        detaching.push(detach);
      });
    };
    const instance = makeInstance();
    const send = async (by: AxiosInstance, spec: RequestSpec): Promise<Answer> => {
      const config = {
        ...axiosConfig(spec),
        ...(spec.resend === false && { headers: { ...spec.headers, ...ownCredentials(session) } }),
        ...(spec.signal && { signal: spec.signal }),
      };
      return answerOf(await by.request<unknown>(spec.session === false ? withoutSession(config) : config));
    };
    const { dispose, ...driver } = sessionDriver(session);
    return {
      ...driver,
      request: (spec) => send(instance, spec),
      sibling: () => {
        const other = makeInstance();
        return { request: (spec) => send(other, spec) };
      },
      dispose: () => {
        for (const detach of detaching) detach();
        dispose();
      },
    };
  },
};
