import { createClient, createSession, memoryStore, type TokenSet } from 'sluice';
import { localStorageStore } from 'sluice/browser';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { LoginTokens } from '../support/auth-server.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();

const hostile = (tokens: TokenSet): string =>
  JSON.stringify(tokens).replace(
    /^\{/,
    '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},',
  );

describe('JSON with keys such as `__proto__` changes no prototype', () => {
  afterEach(() => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((Object as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('in a store', async () => {
    const { server } = auth;
    const entries = new Map([['sluice', hostile(server.login())]]);
    const storage = {
      getItem: (key: string) => entries.get(key) ?? null,
      setItem: (key: string, value: string) => void entries.set(key, value),
      removeItem: (key: string) => void entries.delete(key),
    };
    const session = createSession({
      store: localStorageStore<LoginTokens>({ storage: () => storage }),
      refresh: async () => server.login(),
    });
    const api = createClient({ baseURL: server.url, session });
    await firstValueFrom(session.refresh$);
    expect(await firstValueFrom(api.get('/api/test-get'))).toMatchObject({ user: 'ada' });
    expect(JSON.parse(entries.get('sluice') ?? '')).not.toHaveProperty('polluted');
  });

  it('in the response to a refresh', async () => {
    const { server } = auth;
    const { refreshToken, ...withoutRefreshToken } = server.login();
    const session = createSession({
      store: memoryStore({ accessToken: 'dead', refreshToken }),
      refresh: async () => JSON.parse(hostile(withoutRefreshToken)) as TokenSet,
    });
    const tokens = await firstValueFrom(session.refresh$);
    expect(tokens.refreshToken).toBe(refreshToken);
    expect((tokens as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('in the options of a request', async () => {
    const api = createClient({ baseURL: auth.server.url });
    const options = JSON.parse(
      '{"__proto__":{"polluted":"yes","session":false},"params":{"__proto__":{"polluted":"yes"}}}',
    ) as object;
    await firstValueFrom(api.get('/public/echo', options));
  });
});
