import { createSession, type Session, type SessionEvent } from 'sluice';
import { webStore } from 'sluice/browser';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
});

const store = webStore();
const render = (): { session: Session; events: SessionEvent[] } => {
  const session = createSession({ store, refresh: async () => ({ accessToken: 'b' }) });
  const events: SessionEvent[] = [];
  session.events$.subscribe((event) => events.push(event));
  return { session, events };
};

/** An object that fails the test when anything of it is read, called or constructed. */
const trap = (name: string): object =>
  new Proxy(() => undefined, {
    get: () => expect.unreachable(`${name} was read`),
    construct: () => expect.unreachable(`${name} was made`),
    apply: () => expect.unreachable(`${name} was called`),
  });

describe('webStore() outside a browser', () => {
  it.each([
    ['as Node has them', []],
    [
      'that look like those of a browser',
      ['indexedDB', 'localStorage', 'BroadcastChannel', 'navigator', 'addEventListener'],
    ],
  ])('is empty for each session and keeps nothing, with globals %s', async (_case, names) => {
    for (const name of names) vi.stubGlobal(name, trap(name));
    const one = render();
    expect(one.session.state.status).toBe('signed-out');
    await one.session.signIn({ accessToken: 'a' });
    expect(one.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'a' } });

    const other = render();
    expect(other.session.state.status).toBe('signed-out');
    await other.session.signOut();
    expect(one.session.state.status).toBe('signed-in');
    expect([...one.events, ...other.events].map(({ type }) => type)).toEqual(['signed-in']);
  });

  it('serves each session separately, and reports that, where a server has a document for rendering', async () => {
    vi.stubGlobal('document', {});
    vi.stubGlobal('BroadcastChannel', trap('BroadcastChannel'));
    const [one, other] = [render(), render()];
    await one.session.signIn({ accessToken: 'a' });

    expect(other.session.state.status).toBe('signed-out');
    expect(one.events).toMatchObject([
      { type: 'store-failed', operation: 'get', message: "IndexedDB is missing: the session is this page's alone" },
      { type: 'signed-in' },
    ]);
    one.session.dispose();
    other.session.dispose();
  });
});
