import { createClient, type Client, type SessionOptions } from 'sluice';
import { firstValueFrom, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer, type TokenAnswer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { seen } from './attached.ts';
import { adapters, sessionOn, tokensFrom, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('a session that refreshes through its own client, with the %s adapter,', (adapter) => {
  const refreshingBy = (refresh: (api: Client, ...args: Parameters<SessionOptions['refresh']>) => unknown): Client => {
    const { session } = sessionOn(auth.server, {
      refreshTimeoutMs: 10_000,
      refresh: (...args) => refresh(api, ...args) as ReturnType<SessionOptions['refresh']>,
    });
    const api = createClient({ baseURL: auth.server.url, adapter, session });
    return api;
  };
  const ask = (api: Client, refreshToken: string | undefined, options = {}) =>
    api.post<TokenAnswer>('/api/refresh-token', { refreshToken }, options).pipe(map(tokensFrom));

  it.each<[string, Parameters<typeof refreshingBy>[0]]>([
    ['at once', (api, current) => ask(api, current?.refreshToken)],
    [
      'later, with the signal of the refresh',
      async (api, current, { signal }) => {
        await Promise.resolve();
        return firstValueFrom(ask(api, current?.refreshToken, { signal }));
      },
    ],
  ])('sends that request without a token and without waiting when it is made %s', async (_, refresh) => {
    const api = refreshingBy(refresh);
    auth.server.expireAccess();
    expect(await firstValueFrom(api.get<Echo>('/api/echo'))).toMatchObject({ generation: 2 });
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
  });
});
