import { createClient } from 'sluice';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn } from './attached.ts';
import { adapters, errorOf, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('a client of an instance that is attached, with the %s adapter,', (adapter) => {
  it('sends the token of its own session, not of the attached one', async () => {
    const { instance } = attachedOn(auth.server, {
      adapter,
      sessionOptions: { initial: auth.server.login('ada') },
    });
    const bob = sessionOn(auth.server, { initial: auth.server.login('bob') });
    const api = createClient({ axios: instance, session: bob.session });
    expect((await firstValueFrom(api.get<Echo>('/api/echo'))).user).toBe('bob');
  });

  it('sends no token when it has no session', async () => {
    const { instance } = attachedOn(auth.server, { adapter });
    const api = createClient({ axios: instance });
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({
      status: 401,
    });
    expect(auth.server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('still reads bodies strictly', async () => {
    const { instance, session } = attachedOn(auth.server, { adapter });
    const api = createClient({ axios: instance, session });
    expect(await firstValueFrom(api.get('/api/empty'))).toBeNull();
    expect(await errorOf(api.get('/api/bad-json'))).toMatchObject({
      code: 'ERR_BAD_RESPONSE',
    });
  });

  it('uses its own predicate', async () => {
    const { instance, session } = attachedOn(auth.server, { adapter });
    const isUnauthorized = ({ status }: { status: number }): boolean => status === 419;
    const api = createClient({ axios: instance, session, isUnauthorized });
    auth.server.route('/public/echo', ({ generation }) => ({
      status: generation === 1 ? 419 : 200,
    }));
    await firstValueFrom(api.get('/public/echo'));
    expect(auth.server.refreshes).toHaveLength(1);
  });
});
