import { AxiosError, AxiosHeaders, CanceledError, type AxiosAdapter, type AxiosResponse } from 'axios';
import type { Memory } from './contender.ts';
import type { World } from './world.ts';

const body = '{"n":1}';

/** Decides when a response is delivered. */
export type Pace = (deliver: () => void) => void;

export const atOnce: Pace = (deliver) => {
  queueMicrotask(deliver);
};

/** Delivers all responses that are due at the same time together, in the next turn of the event loop. */
export function together(): Pace {
  let due: (() => void)[] = [];
  return (deliver) => {
    if (due.push(deliver) > 1) return;
    setImmediate(() => {
      const now = due;
      due = [];
      for (const one of now) one();
    });
  };
}

/** A server without a network, as an axios adapter, as a `fetch`, and as a function that calls back. */
export function memory({ judge }: World, pace: Pace): Memory {
  const send: Memory['send'] = (authorization, answered) => {
    let gone = false;
    const status = judge(authorization);
    pace(() => {
      if (!gone) answered(status);
    });
    return () => {
      gone = true;
    };
  };

  const adapter: AxiosAdapter = (config) =>
    new Promise((resolve, reject) => {
      const { signal, validateStatus } = config;
      const leave = send(config.headers.get('Authorization') as string | null, (status) => {
        signal?.removeEventListener?.('abort', abort);
        const response: AxiosResponse = {
          data: body,
          status,
          statusText: '',
          headers: new AxiosHeaders({ 'content-type': 'application/json' }),
          config,
          request: undefined,
        };
        if (!validateStatus || validateStatus(status)) resolve(response);
        else reject(new AxiosError(`${status}`, AxiosError.ERR_BAD_REQUEST, config, undefined, response));
      });
      const abort = (): void => {
        leave();
        reject(new CanceledError(undefined, config));
      };
      signal?.addEventListener?.('abort', abort);
    });

  const fetch: Memory['fetch'] = (input, init) =>
    new Promise((resolve, reject) => {
      const request = input instanceof Request ? input : undefined;
      const signal = init?.signal ?? request?.signal;
      // Like fetch, send nothing if the signal is aborted already.
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const headers = request && !init?.headers ? request.headers : new Headers(init?.headers);
      const leave = send(headers.get('authorization'), (status) => {
        signal?.removeEventListener('abort', abort);
        resolve(new Response(body, { status, headers: { 'content-type': 'application/json' } }));
      });
      const abort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort);
    });

  return { adapter, fetch, send };
}
