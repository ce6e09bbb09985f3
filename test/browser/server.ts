import { afterEach, beforeEach } from 'vitest';
import { commands } from 'vitest/browser';
import type { AuthServer, AuthServerOptions } from '../support/auth-server.ts';
import type { SeenRequest, serverCommands } from './server-commands.ts';

type Commands = typeof serverCommands;
type WithoutContext<F> = F extends (context: unknown, ...args: infer A) => infer R
  ? (...args: A) => Promise<Awaited<R>>
  : never;

declare module 'vitest/browser' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- declares its members by what it extends
  interface BrowserCommands extends Remote<Commands> {}
}
type Remote<C> = { [Name in keyof C]: WithoutContext<C[Name]> };

type Method = 'login' | 'expireAccess' | 'revokeFamily' | 'refreshBehaviour' | 'nextRefresh' | 'offline';
type Later<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never;

export interface ServerHold {
  /** Resolves with the requests held so far as soon as there are `n` of them. */
  waiting(n: number): Promise<SeenRequest[]>;
  next(n?: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * A real server in another process, on another origin than the page. It has the interface of `AuthServer`, with
 * promises.
 */
export interface ServerOfTest extends AsyncDisposable {
  readonly url: string;
  readonly login: Later<AuthServer['login']>;
  readonly expireAccess: Later<AuthServer['expireAccess']>;
  readonly revokeFamily: Later<AuthServer['revokeFamily']>;
  readonly refreshBehaviour: Later<AuthServer['refreshBehaviour']>;
  readonly nextRefresh: Later<AuthServer['nextRefresh']>;
  readonly offline: Later<AuthServer['offline']>;
  hold(where: string, when?: 'before' | 'after'): Promise<ServerHold>;
  /** All requests except preflights and those of `flush`. */
  sent(where?: string): Promise<SeenRequest[]>;
  arrived(where: string, n?: number): Promise<SeenRequest[]>;
  answered(where: string, n?: number): Promise<SeenRequest[]>;
  /** Resolves when the page has closed the connections of `n` such requests. */
  closed(where: string, n?: number): Promise<SeenRequest[]>;
  /** The number of refreshes that arrived, and their outcomes. */
  refreshes(): Promise<readonly { readonly outcome: string; readonly inFlight: number }[]>;
  /** The refreshes that presented a refresh token a second time. */
  repeats(): Promise<readonly unknown[]>;
  /** The requests after the first refresh that carried a dead token. */
  staleSends(): Promise<SeenRequest[]>;
  /** Waits until everything in flight has arrived, preflights included, by sending a request after it. */
  flush(): Promise<void>;
}

let flushes = 0;

export async function openServer(options: AuthServerOptions = {}): Promise<ServerOfTest> {
  const url = await commands.openServer(options);
  const ask = <R>(name: keyof AuthServer, ...args: unknown[]): Promise<R> =>
    commands.askServer(url, name, args) as Promise<R>;
  const method = <M extends Method>(name: M): Later<AuthServer[M]> =>
    ((...args: unknown[]) => ask(name, ...args)) as Later<AuthServer[M]>;
  return {
    url,
    login: method('login'),
    expireAccess: method('expireAccess'),
    revokeFamily: method('revokeFamily'),
    refreshBehaviour: method('refreshBehaviour'),
    nextRefresh: method('nextRefresh'),
    offline: method('offline'),
    async hold(where, when) {
      const id = await commands.holdAt(url, where, when);
      return {
        waiting: (n) => commands.askHold(id, 'waiting', n) as Promise<SeenRequest[]>,
        next: (n) => commands.askHold(id, 'next', n) as Promise<void>,
        release: () => commands.askHold(id, 'release') as Promise<void>,
      };
    },
    sent: async (where) => {
      const all = await ask<SeenRequest[]>('sent', where);
      return all.filter(({ path }) => path !== '/public/flush');
    },
    arrived: (where, n) => ask('arrived', where, n),
    answered: (where, n) => ask('answered', where, n),
    closed: (where, n) => ask('closed', where, n),
    refreshes: () => ask('refreshes'),
    repeats: () => ask('repeats'),
    staleSends: () => ask('staleSends'),
    async flush() {
      for (let n = 0; n < 2; n += 1) {
        // This header causes a preflight, and this URL has no cached one.
        await fetch(`${url}/public/flush?${(flushes += 1)}`, { headers: { 'x-flush': 'yes' } });
      }
    },
    [Symbol.asyncDispose]: () => commands.closeServer(url),
  };
}

/** In a test file or a `describe`: gives each test its own servers. */
export function useServer(options?: AuthServerOptions): { readonly server: ServerOfTest } {
  let server: ServerOfTest;
  beforeEach(async () => {
    server = await openServer(options);
  });
  afterEach(() => server[Symbol.asyncDispose]());
  return {
    get server() {
      return server;
    },
  };
}
