import { sessionFetch } from 'sluice/fetch';
import { byPromise, type Contender } from '../contender.ts';
import { sessionFor } from './sluice.ts';

/** In a file of its own, so that a cold process of another contender does not load `sluice/fetch`. */
export const sluiceFetch: Contender = {
  name: 'Sluice: sessionFetch',
  over: 'fetch',
  start(target) {
    const { url, memory } = target;
    const session = sessionFor(target);
    const send = sessionFetch(session, { trustedOrigins: [url], ...(memory && { fetch: memory.fetch }) });
    const get = async (path: string, signal?: AbortSignal): Promise<unknown> => {
      const response = await send(url + path, signal && { signal });
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    };
    return { ...byPromise(get), stop: session.dispose };
  },
};
