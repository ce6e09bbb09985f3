import { afterEach, describe, expect, it, vi } from 'vitest';
import { internalsOf } from '../../src/session/internal.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const endless = (): string => `${auth.server.url}/api/stream?chunks=endless`;
const NEVER = new Promise<null>(() => undefined);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('sessionFetch without AbortSignal.any', () => {
  it('ends a body with the caller’s signal and with its owner', async () => {
    const own = Object.getOwnPropertyDescriptor(AbortSignal, 'any') ?? {};
    Reflect.deleteProperty(AbortSignal, 'any');
    try {
      const { api, session } = fetchOn(auth.server);
      const controller = new AbortController();
      const aborted = await api(endless(), { signal: controller.signal });
      const left = await api(endless(), { signal: new AbortController().signal });
      controller.abort();
      expect(await rejectionOf(aborted.text())).toMatchObject({ name: 'AbortError' });
      void session.signOut();
      expect(await rejectionOf(left.text())).toMatchObject({ name: 'SessionChangedError' });
      await auth.server.closed('/api/stream', 2);
    } finally {
      Object.defineProperty(AbortSignal, 'any', own);
    }
  });
});

describe('sessionFetch without FinalizationRegistry', () => {
  it('can be imported, and ends a body with its owner', async () => {
    vi.stubGlobal('FinalizationRegistry', undefined);
    vi.resetModules();
    const { sessionFetch } = await import('sluice/fetch');
    // Restore FinalizationRegistry before sending, because Node's own fetch needs it.
    vi.unstubAllGlobals();
    const { session } = fetchOn(auth.server);
    const api = sessionFetch(session, { trustedOrigins: [auth.server.url] });
    const answer = await api(endless());
    void session.signOut();
    expect(await rejectionOf(answer.text())).toMatchObject({ name: 'SessionChangedError' });
    expect(internalsOf(session as never).inProgress).toBe(0);
  });
});

describe('sessionFetch with signals that have no reason, as in React Native,', () => {
  it('rejects with an AbortError before the call and while the request waits', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { store: { get: () => NEVER, set: () => undefined } } });
    const controller = new AbortController();
    Object.defineProperty(controller.signal, 'reason', { value: undefined });
    const waiting = rejectionOf(api(endless(), { signal: controller.signal }));
    controller.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    expect(await rejectionOf(api(endless(), { signal: controller.signal }))).toMatchObject({ name: 'AbortError' });
  });
});

describe('sessionFetch with a FormData that cannot be read, as in React Native,', () => {
  it('sends it, and sends it again after a 401', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const body = new FormData();
    body.set('a', 'one');
    Object.defineProperty(body, 'forEach', { value: undefined });
    const response = await api(`${auth.server.url}/api/echo`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ generation: 2, text: expect.stringContaining('one') as string });
  });
});
