import { attachSession, createClient, retryOnUnauthorized, type Session } from 'sluice';
import { sessionFetch } from 'sluice/fetch';
import axios from 'axios';
import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, from, lastValueFrom, tap, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adapters, sessionOn } from '../http/fixture.ts';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();
/** Holds the name of the request that code runs for, as a tracing library holds the span of a request. */
const context = new AsyncLocalStorage<string>();

/** Notes the context of each send, by its path. */
type Note = (path: string) => void;
/** Sends a request by one of the ways into a session. */
type Way = (session: Session, note: Note) => (path: string) => Observable<unknown>;

const byAdapter = (name: 'http' | 'fetch', note: Note) => {
  const send = axios.getAdapter(name);
  return (config: Parameters<typeof send>[0]) => {
    note(config.url ?? '');
    return send(config);
  };
};
const noting =
  (note: Note): typeof fetch =>
  (input, init) => {
    note(new URL(input as string | URL).pathname);
    return fetch(input, init);
  };

const ways: Record<string, Way> = {
  ...Object.fromEntries(
    adapters.flatMap((name): [string, Way][] => [
      [
        `a client with the ${name} adapter`,
        (session, note) => {
          const api = createClient({ baseURL: auth.server.url, session, adapter: byAdapter(name, note) });
          return (path) => api.get(path);
        },
      ],
      [
        `an attached instance with the ${name} adapter`,
        (session, note) => {
          const instance = axios.create({ baseURL: auth.server.url, adapter: byAdapter(name, note) });
          attachSession(instance, session);
          return (path) => defer(() => instance.get(path));
        },
      ],
    ]),
  ),
  retryOnUnauthorized: (session, note) => (path) =>
    defer(() => {
      const headers = { Authorization: `Bearer ${session.state.tokens?.accessToken ?? ''}` };
      return noting(note)(auth.server.url + path, { headers });
    }).pipe(retryOnUnauthorized(session)),
  sessionFetch: (session, note) => {
    const api = sessionFetch(session, { trustedOrigins: [auth.server.url], fetch: noting(note) });
    return (path) => defer(() => from(api(auth.server.url + path)));
  },
};

describe.each(Object.entries(ways))('the async context of requests by %s', (_, way) => {
  it('is that of the requesting code in each send and each value; `refresh` has that of the request which caused it', async () => {
    const sends: string[] = [];
    const values: string[] = [];
    const refreshes: unknown[] = [];
    const events: string[] = [];
    const { session } = sessionOn(auth.server, {
      refresh: (tokens) => {
        refreshes.push(context.getStore());
        return refreshByFetch(auth.server, tokens);
      },
    });
    session.events$.subscribe(({ type }) => events.push(`${type} ${context.getStore() ?? 'nobody'}`));
    const send = way(session, (path) => sends.push(`${path} ${context.getStore() ?? 'nobody'}`));
    const request = (name: string): Promise<unknown> =>
      context.run(name, () =>
        lastValueFrom(
          send(`/api/echo/${name}`).pipe(tap(() => values.push(`${name} ${context.getStore() ?? 'nobody'}`))),
        ),
      );

    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = request('first');
    await refresh.arrived;
    // Both wait for the refresh of the first request, whose end sends them again. Each send must still run in the context of its own
    // request.
    const waiting = [request('second'), request('third')];
    await expect.poll(() => session.state.status).toBe('refreshing');
    refresh.release();
    await Promise.all([first, ...waiting]);

    expect(refreshes).toEqual(['first']);
    expect(sends.toSorted()).toEqual([
      '/api/echo/first first',
      '/api/echo/first first',
      '/api/echo/second second',
      '/api/echo/third third',
    ]);
    expect(values.toSorted()).toEqual(['first first', 'second second', 'third third']);
    expect(events.filter((event) => !event.startsWith('restored'))).toContain('refresh-succeeded first');
    expect(events).toContain('request-resent first');
  });

  it('is that of the requesting code in each of several resends after one refresh', async () => {
    const sends: string[] = [];
    const { session } = sessionOn(auth.server);
    const send = way(session, (path) => sends.push(`${path} ${context.getStore() ?? 'nobody'}`));
    auth.server.expireAccess();
    const names = ['a', 'b', 'c'];
    const hold = auth.server.hold('/api/echo*');
    const requests = names.map((name) => context.run(name, () => lastValueFrom(send(`/api/echo/${name}`))));
    await hold.waiting(3);
    hold.release();
    await Promise.all(requests);
    expect(auth.server.refreshes).toHaveLength(1);
    expect(sends.toSorted()).toEqual(
      names.flatMap((name) => [`/api/echo/${name} ${name}`, `/api/echo/${name} ${name}`]),
    );
  });
});
