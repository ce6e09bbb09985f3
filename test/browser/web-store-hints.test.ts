import { firstValueFrom } from 'rxjs';
import { createClient } from 'sluice';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../support/real-time.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';
import { restored, useWebStore, type LoadedSession } from './web-store-page.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const use = useServer();
const page = useWebStore();
afterEach(() => vi.restoreAllMocks());

const pageshow = (persisted: boolean): boolean => dispatchEvent(new PageTransitionEvent('pageshow', { persisted }));

/** Two sessions with one sign-in. */
async function two(): Promise<[LoadedSession, LoadedSession]> {
  const one = page.load(use.server);
  await one.session.signIn(await use.server.login());
  const other = page.load(use.server);
  await restored(other.session);
  return [one, other];
}

describe('a session of webStore() that received no message of other pages', () => {
  beforeEach(() => {
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockReturnValue();
  });

  it.each([
    ['when its page becomes visible', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['when its page comes from the back/forward cache', () => pageshow(true)],
  ])('reads the record %s', async (_when, wake) => {
    const [one, other] = await two();
    await one.session.signOut();
    await pause(100);
    expect(other.session.state.status).toBe('signed-in');

    wake();

    await waitFor(() => expect(other.session.state.status).toBe('signed-out'));
  });

  it.each([
    [
      'when its page is hidden',
      () => {
        vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
        document.dispatchEvent(new Event('visibilitychange'));
      },
    ],
    ['when its page has just been loaded', () => pageshow(false)],
    ['at a change of localStorage that is none of its business', () => dispatchEvent(new StorageEvent('storage'))],
  ])('does not read the record %s', async (_when, act) => {
    const [one, other] = await two();
    await one.session.signOut();
    act();
    await pause(200);
    expect(other.session.state.status).toBe('signed-in');
  });
});

describe('a request at the moment when its page comes back', () => {
  it.each([
    ['from the back/forward cache', () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))],
    ['from being frozen', () => document.dispatchEvent(new Event('freeze'))],
  ])('%s waits until the record has been read; later requests do not wait', async (_from, suspend) => {
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockReturnValue();
    const [one, other] = await two();
    const { url } = use.server;
    const client = createClient({ baseURL: url, session: other.session });
    suspend();
    await one.session.update(await use.server.login());
    expect(other.session.state.generation).toBe(1);

    await firstValueFrom(client.get('/api/echo'));

    expect(other.session.state.tokens).toEqual(one.session.state.tokens);
    const reads = vi.spyOn(IDBObjectStore.prototype, 'get');
    await firstValueFrom(client.get('/api/echo'));
    expect(reads).not.toHaveBeenCalled();
  });

  it('is sent although the record cannot be read', async () => {
    const [, other] = await two();
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('lost', 'UnknownError');
    });
    const client = createClient({ baseURL: use.server.url, session: other.session });
    expect(await firstValueFrom(client.get('/api/echo'))).toMatchObject({ path: '/api/echo' });
  });
});

describe('the channel of webStore()', () => {
  it('is closed while the page is hidden, because a message would remove the page from the back/forward cache', async () => {
    const [one, other] = await two();
    const opened = vi.spyOn(globalThis, 'BroadcastChannel');
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    await one.session.signOut();
    await pause(200);
    expect(other.session.state.status).toBe('signed-in');
    expect(opened).toHaveBeenCalledTimes(1);

    pageshow(true);
    await waitFor(() => expect(other.session.state.status).toBe('signed-out'));
    await one.session.signIn(await use.server.login());
    await waitFor(() => expect(other.session.state.status).toBe('signed-in'));
  });

  it('makes a session read nothing after it is disposed of', async () => {
    const [one, other] = await two();
    const reads = vi.spyOn(IDBObjectStore.prototype, 'get');
    other.session.dispose();
    one.session.dispose();
    const channel = new BroadcastChannel(`sluice:${page.key}`);
    channel.postMessage('look');
    document.dispatchEvent(new Event('visibilitychange'));
    pageshow(true);
    await pause(100);
    channel.close();
    expect(reads).not.toHaveBeenCalled();
  });

  it('does not make a session read what it has written itself', async () => {
    const { session } = page.load(use.server);
    await restored(session);
    const reads = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await session.signIn(await use.server.login());
    await pause(200);
    // Only signIn() uses IndexedDB, to read and to swap. A third transaction would be a read caused by its own message.
    expect(reads).toHaveBeenCalledTimes(2);
  });
});
