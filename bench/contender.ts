import type { AxiosAdapter } from 'axios';
import type { Tokens } from './world.ts';

/** Where a contender's requests go, and how it refreshes. */
export interface Target {
  readonly url: string;
  readonly tokens: Tokens;
  refresh(refreshToken: string | undefined): Promise<Tokens>;
  /** Replaces the network in measurements of the library's own cost. */
  readonly memory?: Memory;
}

/** One transport in the form that each kind of library takes. */
export interface Memory {
  readonly adapter: AxiosAdapter;
  readonly fetch: typeof fetch;
  /** For Angular's `HttpBackend`: calls back once, returns what cancels. */
  send(authorization: string | null, answered: (status: number) => void): () => void;
}

/** A library, set up as its documentation shows. */
export interface Contender {
  readonly name: string;
  /** What the library sends its requests by. Only contenders with the same one can be compared: its own cost is part of every request. */
  readonly over: 'axios' | 'fetch' | 'HttpClient';
  start(target: Target): Client;
}

export interface Client {
  /** Sends a request for JSON, and calls one of the two. */
  get(path: string, done: () => void, failed: (error: unknown) => void): void;
  /** Like `get`, but returns a function that cancels the request. */
  cancellable(path: string, done: () => void, failed: (error: unknown) => void): () => void;
  /** Frees what the library keeps after its requests have ended, such as timers. */
  stop?(): void;
}

/** For libraries of promises: a controller per request that may be cancelled. */
export function byPromise(get: (path: string, signal?: AbortSignal) => PromiseLike<unknown>): Client {
  return {
    get: (path, done, failed) => void get(path).then(done, failed),
    cancellable: (path, done, failed) => {
      const controller = new AbortController();
      void get(path, controller.signal).then(done, failed);
      return () => {
        controller.abort();
      };
    },
  };
}

interface Subscribable {
  subscribe(observer: { next?: () => void; error: (error: unknown) => void; complete: () => void }): {
    unsubscribe(): void;
  };
}

/** For libraries of Observables. */
export function byObservable(get: (path: string) => Subscribable): Client {
  return {
    get: (path, done, failed) => void get(path).subscribe({ error: failed, complete: done }),
    cancellable: (path, done, failed) => {
      const subscription = get(path).subscribe({ error: failed, complete: done });
      return () => {
        subscription.unsubscribe();
      };
    },
  };
}
