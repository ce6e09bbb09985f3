import type { AxiosAdapter } from 'axios';
import type { Tokens } from './world.ts';

/** Where a contender's requests go, and how it refreshes. */
export interface Target {
  readonly url: string;
  readonly tokens: Tokens;
  refresh(refreshToken: string | undefined): Promise<Tokens>;
  /** In place of the network, where the library's own cost is measured. */
  readonly memory?: Memory;
}

/** One transport in the form that each kind of library takes. */
export interface Memory {
  readonly adapter: AxiosAdapter;
  readonly fetch: typeof fetch;
  /** For Angular's `HttpBackend`: calls back once, returns what cancels. */
  send(authorization: string | null, answered: (status: number) => void): () => void;
}

/** A library, set up as its own documents have it. */
export interface Contender {
  readonly name: string;
  /** What its requests end in: it decides how much of a request's cost is the library's. */
  readonly over: 'axios' | 'fetch' | 'HttpClient';
  start(target: Target): Client;
}

export interface Client {
  /** Sends a request for JSON, and calls one of the two. */
  get(path: string, done: () => void, failed: (error: unknown) => void): void;
  /** The same, and it can be cancelled. */
  cancellable(path: string, done: () => void, failed: (error: unknown) => void): () => void;
  /** Frees what outlives its requests. */
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
