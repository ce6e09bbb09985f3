import axios from 'axios';
import { byPromise, type Contender } from '../contender.ts';

/** Plain axios with a token and without any refresh: the least that a request can cost, with which the others are compared. */
export const rawAxios: Contender = {
  name: 'raw axios',
  over: 'axios',
  start({ url, tokens, memory }) {
    const instance = axios.create({
      baseURL: url,
      headers: { Authorization: `Bearer ${tokens.accessToken}` },
      ...(memory && { adapter: memory.adapter }),
    });
    return byPromise((path, signal) => instance.get(path, signal && { signal }));
  },
};
