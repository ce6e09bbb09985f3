import { createSession, memoryStore } from 'sluice';
import { localStorageStore } from 'sluice/browser';
import { sessionFetch } from 'sluice/fetch';
import { memoryCell, sharedStore } from 'sluice/session';
import { of } from 'rxjs';
import { afterEach, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();
const pollute = (name: string, value: unknown): void => {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  polluted.push(name);
};
const polluted: string[] = [];
afterEach(() => {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

const newSession = () =>
  createSession({ store: memoryStore(auth.server.login()), refresh: () => of({ accessToken: 'b' }) });

it('sessionFetch() ignores a `fetch` that is only on Object.prototype', async () => {
  const thief = vi.fn();
  const session = newSession();
  pollute('fetch', thief);
  const send = sessionFetch(session, { trustedOrigins: [auth.server.url] });
  expect((await send(`${auth.server.url}/api/test-get`)).status).toBe(200);
  expect(thief).not.toHaveBeenCalled();
});

it('sessionFetch() ignores an `isUnauthorized` that is only on Object.prototype', async () => {
  const session = newSession();
  pollute('isUnauthorized', () => true);
  const send = sessionFetch(session, { trustedOrigins: [auth.server.url] });
  expect((await send(`${auth.server.url}/api/test-get`)).status).toBe(200);
  expect(auth.server.refreshes).toEqual([]);
});

it('sharedStore() gives no token to a `codec` that is only on Object.prototype', async () => {
  const seal = vi.fn((text: string) => text);
  pollute('codec', { seal, open: seal });
  const session = createSession({ store: sharedStore(memoryCell()), refresh: () => of({ accessToken: 'b' }) });
  await session.signIn({ accessToken: 'a' });
  expect(seal).not.toHaveBeenCalled();
});

it('localStorageStore() gives no token to a `storage` that is only on Object.prototype', () => {
  const setItem = vi.fn();
  pollute('storage', () => ({ getItem: () => null, setItem, removeItem: setItem }));
  // Outside a page there is no `localStorage`, so the write fails.
  expect(() => localStorageStore().set({ accessToken: 'a' })).toThrow();
  expect(setItem).not.toHaveBeenCalled();
});
