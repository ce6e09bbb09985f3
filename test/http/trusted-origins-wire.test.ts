import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const elsewhere = useAuthServer();

describe.each(adapters)('trusted origins with the %s adapter:', (adapter) => {
  it.each(['http', 'localhost'] as const)('an absolute URL of another origin (%s) gets no token', async (kind) => {
    const { api, refresh } = appOn(auth.server, { adapter });
    const there = kind === 'http' ? elsewhere.server.url : auth.server.url.replace('127.0.0.1', 'localhost');
    const server = kind === 'http' ? elsewhere.server : auth.server;
    expect(await errorOf(api.get(`${there}/api/echo`))).toMatchObject({ status: 401 });
    await firstValueFrom(api.get(`${there}/public/echo`));
    expect(server.requests).toHaveLength(2);
    expectNoToken(
      server.requests.map(({ rawHeaders, url }) => [rawHeaders, url]),
      auth.server.secrets(),
    );
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a 401 from an untrusted origin starts no refresh, and the session stays', async () => {
    const { api, session, events } = appOn(auth.server, { adapter });
    expect(await errorOf(api.get('/api/echo', { baseURL: elsewhere.server.url }))).toMatchObject({ status: 401 });
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    expect(events.map(({ type }) => type)).toEqual(['restored']);
    expect(elsewhere.server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('a listed origin gets the token, and a refresh follows its 401', async () => {
    const { api } = appOn(auth.server, { adapter, trustedOrigins: [elsewhere.server.url] });
    elsewhere.server.unauthorized = () => ({ status: 200, body: 'in' });
    elsewhere.server.route('/public/once', ({ headers }) =>
      headers.authorization?.includes('access1') ? { status: 401 } : { body: 'healed' },
    );
    expect(await firstValueFrom(api.get(`${elsewhere.server.url}/public/once`))).toBe('healed');
    expect(elsewhere.server.requests).toHaveLength(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('an absolute URL of the base gets the token', async () => {
    const { api } = appOn(auth.server, { adapter });
    await firstValueFrom(api.get(`${auth.server.url}/api/echo`));
    expect(auth.server.requests[0]?.tokenState).toBe('valid');
  });

  it('a request to an untrusted origin does not wait for a refresh', async () => {
    const { api } = appOn(auth.server, { adapter });
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = firstValueFrom(api.get('/api/echo'));
    await refresh.arrived;
    await firstValueFrom(api.get(`${elsewhere.server.url}/public/echo`));
    refresh.release();
    await first;
  });
});
