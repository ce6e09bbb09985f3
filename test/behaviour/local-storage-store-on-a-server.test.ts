import { createSession, type Session, type SessionEvent } from 'sluice';
import { localStorageStore } from 'sluice/browser';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
});

const store = localStorageStore();
const render = (): { session: Session; events: SessionEvent[] } => {
  const session = createSession({ store, refresh: async () => ({ accessToken: 'b' }) });
  const events: SessionEvent[] = [];
  session.events$.subscribe((event) => events.push(event));
  return { session, events };
};

describe('localStorageStore() outside a page', () => {
  it('does not touch the localStorage of the server, so that no session sees the tokens of another', async () => {
    const touched = vi.fn();
    vi.stubGlobal('localStorage', new Proxy({}, { get: touched }));
    const one = render();
    expect(one.session.state.status).toBe('signed-out');
    await one.session.signIn({ accessToken: 'a' });
    expect(one.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'a' } });

    expect(render().session.state.status).toBe('signed-out');
    expect(touched).not.toHaveBeenCalled();
    expect(one.events).toMatchObject([
      { type: 'store-failed', operation: 'set', message: 'ReferenceError' },
      { type: 'signed-in' },
    ]);
  });

  it('uses a storage that it is given', async () => {
    const entries = new Map<string, string>();
    const own = localStorageStore({
      storage: () => ({
        getItem: (key) => entries.get(key) ?? null,
        setItem: (key, text) => void entries.set(key, text),
        removeItem: (key) => void entries.delete(key),
      }),
    });
    await own.set({ accessToken: 'a' });
    expect([...entries]).toEqual([['sluice', '{"accessToken":"a"}']]);
    expect(await own.get()).toEqual({ accessToken: 'a' });
  });
});
