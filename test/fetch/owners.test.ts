import { firstValueFrom, timer } from 'rxjs';
import { SessionChangedError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { flush } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const changes = {
  'somebody signs out': (setup: ReturnType<typeof fetchOn>) => void setup.session.signOut(),
  'another person signs in': (setup: ReturnType<typeof fetchOn>) => void setup.session.signIn(auth.server.login('bob')),
};

describe.each(Object.entries(changes))('sessionFetch: when %s,', (_, change) => {
  it('a waiting request fails with SessionChangedError, and is never sent', async () => {
    const setup = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const first = rejectionOf(setup.api(`${auth.server.url}/api/test-get`));
    await hold.arrived;
    const second = rejectionOf(setup.api(`${auth.server.url}/api/echo`));
    change(setup);
    hold.release();
    for (const rejection of [first, second]) expect(await rejection).toBeInstanceOf(SessionChangedError);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toEqual([]);
    expect(auth.server.sent('/api/test-get')).toHaveLength(1);
  });

  it('a request in flight gets its response', async () => {
    const setup = fetchOn(auth.server);
    const hold = auth.server.hold('/api/*');
    const good = setup.api(`${auth.server.url}/api/echo?good`);
    await hold.waiting(1);
    change(setup);
    hold.release();
    expect(((await (await good).json()) as Echo).user).toBe('ada');
  });

  it('the body of a response that was in flight ends with SessionChangedError if it may be endless', async () => {
    const setup = fetchOn(auth.server);
    const hold = auth.server.hold('/api/*');
    const sent = setup.api(`${auth.server.url}/api/stream?chunks=endless`);
    await hold.waiting(1);
    change(setup);
    hold.release();
    await expect((await sent).text()).rejects.toBeInstanceOf(SessionChangedError);
    await auth.server.closed('/api/stream', 1);
  });

  it('the body of a response ends with SessionChangedError, and its connection is closed', async () => {
    const setup = fetchOn(auth.server);
    const { body } = await setup.api(`${auth.server.url}/api/stream?chunks=endless`);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    change(setup);
    await auth.server.closed('/api/stream', 1);
    const failed = async (): Promise<unknown> => {
      for (;;) if ((await reader.read()).done) return 'the end';
    };
    await expect(failed()).rejects.toBeInstanceOf(SessionChangedError);
  });

  it('the body of a response to a request without a token continues', async () => {
    const setup = fetchOn(auth.server, { sessionOptions: { initial: null } });
    const leaving = new AbortController();
    const { body } = await setup.api(`${auth.server.url}/public/stream?chunks=endless`, { signal: leaving.signal });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    change(setup);
    await reader.read();
    expect(auth.server.sent('/public/stream')).toMatchObject([{ closedEarly: false }]);
    leaving.abort();
    await auth.server.closed('/public/stream', 1);
  });

  it('a 401 to an earlier request fails with SessionChangedError, and starts no refresh', async () => {
    const setup = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo');
    const rejection = rejectionOf(setup.api(`${auth.server.url}/api/echo`));
    await hold.arrived;
    change(setup);
    hold.release();
    expect(await rejection).toBeInstanceOf(SessionChangedError);
    expect(auth.server.refreshes).toEqual([]);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });
});

it('a sessionFetch request belongs to the person who is signed in at the call, even if somebody else signs in before the next microtask', async () => {
  const { api, session } = fetchOn(auth.server, {
    sessionOptions: { initial: { ...auth.server.login(), expiresAt: Date.now() - 1 } },
  });
  const rejection = rejectionOf(api(`${auth.server.url}/api/echo`));
  void session.signIn(auth.server.login('bob'));
  expect(await rejection).toBeInstanceOf(SessionChangedError);
  await firstValueFrom(timer(0));
  expect(auth.server.sent('/api/echo')).toEqual([]);
  expect(((await (await api(`${auth.server.url}/api/echo`)).json()) as Echo).user).toBe('bob');
});
