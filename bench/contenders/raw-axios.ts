import axios from 'axios';
import { byPromise, type Contender } from '../contender.ts';

/** The floor: a token that is valid, and nothing that would help if it were not. */
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
