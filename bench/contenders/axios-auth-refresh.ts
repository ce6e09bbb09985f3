import axios from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { byPromise, type Contender } from '../contender.ts';

/** Set up as its README shows: an interceptor of the app attaches the token, and `createAuthRefresh` has its defaults. */
export const axiosAuthRefresh: Contender = {
  name: 'axios-auth-refresh',
  over: 'axios',
  start({ url, tokens: given, refresh, memory }) {
    const instance = axios.create({ baseURL: url, ...(memory && { adapter: memory.adapter }) });
    let tokens = given;
    instance.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${tokens.accessToken}`);
      return config;
    });
    createAuthRefresh(instance, async () => {
      tokens = await refresh(tokens.refreshToken);
    });
    return byPromise((path, signal) => instance.get(path, signal && { signal }));
  },
};
