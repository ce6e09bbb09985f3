import axios from 'axios';
import { Observable } from 'rxjs';
import { byObservable, type Contender } from '../contender.ts';

/**
 * The least that a client of Observables can do, as a measure for the others: raw axios in an Observable whose unsubscription aborts the
 * request.
 */
export const bareObservable: Contender = {
  name: 'bare Observable around raw axios',
  over: 'axios',
  start({ url, tokens, memory }) {
    const instance = axios.create({
      baseURL: url,
      headers: { Authorization: `Bearer ${tokens.accessToken}` },
      ...(memory && { adapter: memory.adapter }),
    });
    return byObservable(
      (path) =>
        new Observable((subscriber) => {
          const controller = new AbortController();
          instance.get(path, { signal: controller.signal }).then(
            (response) => {
              subscriber.next(response.data);
              subscriber.complete();
            },
            (error: unknown) => {
              subscriber.error(error);
            },
          );
          return () => {
            controller.abort();
          };
        }),
    );
  },
};
