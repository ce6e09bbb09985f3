import { attachSession, createClient } from 'sluice';
import { describe, expect, it } from 'vitest';
import { instanceOn, sessionOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('The owner of a client’s request is fixed at subscription', () => {
  it.each(['plain', 'attached'])(
    'and does not change when somebody signs in while an interceptor runs (%s instance)',
    async (kind) => {
      const { server } = auth;
      const { session } = sessionOn(server);
      const instance = instanceOn(server);
      if (kind === 'attached') attachSession(instance, session);
      let open = (): void => undefined;
      const working = new Promise<void>((resolve) => (open = resolve));
      instance.interceptors.request.use((config) => working.then(() => config));
      const request = record(createClient({ axios: instance, session }).get('/api/echo'));
      void session.signIn(server.login('bob'));
      open();
      expect(await request.outcome).toMatchObject({ kind: 'error', error: { name: 'SessionChangedError' } });
      expect(server.requests).toEqual([]);
    },
  );

  it('a request fails with SessionChangedError when somebody signs in within the same tick', async () => {
    const { server } = auth;
    const { session } = sessionOn(server);
    const request = record(createClient({ baseURL: server.url, session }).get('/api/echo'));
    void session.signIn(server.login('bob'));
    expect(await request.outcome).toMatchObject({ kind: 'error', error: { name: 'SessionChangedError' } });
    expect(server.requests).toEqual([]);
  });
});
