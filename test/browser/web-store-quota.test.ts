import { createClient, type Session } from 'sluice';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';
import { restored, useWebStore } from './web-store-page.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const use = useServer();
const page = useWebStore();
afterEach(() => vi.restoreAllMocks());

const get = async (session: Session): Promise<string> => {
  const outcome = await record(createClient({ baseURL: use.server.url, session }).get('/api/echo')).outcome;
  return outcome.kind === 'error' ? (outcome.error as Error).name : outcome.kind;
};

/**
 * Lets each write end as it does when the disk, or what the origin may use of it, is full: the transaction aborts. A real quota cannot be
 * used, because Chromium does not apply it to a few hundred bytes at once.
 */
function fill(): { end(): void } {
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
    const { transaction } = this;
    const error = new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    Object.defineProperty(transaction, 'error', { value: error });
    transaction.abort();
    return {} as IDBRequest<IDBValidKey>;
  });
  return { end: () => put.mockRestore() };
}

describe('a session of webStore() for which IndexedDB has no room', () => {
  it('reports once that a sign-in cannot be stored, keeps it in this page, and stores it when there is room', async () => {
    const { session, events } = page.load(use.server, { leaseMs: 300 }, { storeTimeoutMs: 3_000 });
    await restored(session);
    const full = fill();
    const tokens = await use.server.login();

    await expect(session.signIn(tokens)).rejects.toMatchObject({ code: 'store-failed' });

    expect(session.state).toMatchObject({ status: 'signed-in', tokens });
    expect(await get(session)).toBe('complete');
    expect(events.filter(({ type }) => type === 'store-failed')).toEqual([
      expect.objectContaining({ operation: 'set', message: 'QuotaExceededError' }),
    ]);
    expect(await page.record()).toBeUndefined();
    full.end();
    await waitFor(async () => expect(await page.record()).toMatchObject({ owner: session.state.owner }));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens });
  });

  it('signs nobody out when refreshed tokens cannot be stored, presents no refresh token twice, and sends requests with the tokens when there is room', async () => {
    const options = { storeTimeoutMs: 3_000, minRefreshIntervalMs: 0 };
    const { session, events } = page.load(use.server, { leaseMs: 300 }, options);
    await session.signIn(await use.server.login());
    expect(await get(session)).toBe('complete');
    await use.server.expireAccess();
    const full = fill();

    expect(await get(session)).toBe('RefreshFailedError');

    expect(session.state.status).toBe('signed-in');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'store-failed', operation: 'set', message: 'QuotaExceededError' }),
    );
    full.end();
    await waitFor(async () => expect(await get(session)).toBe('complete'));
    expect((await use.server.refreshes()).map(({ outcome }) => outcome)).toEqual(['issued']);
    expect(await use.server.repeats()).toEqual([]);
  });

  it('keeps other sessions from presenting the spent refresh token, which the record still contains', async () => {
    const options = { storeTimeoutMs: 1_500, refreshTimeoutMs: 1_500, minRefreshIntervalMs: 0 };
    const [one, other] = [1, 2].map(() => page.load(use.server, { leaseMs: 300 }, options).session);
    await one!.signIn(await use.server.login());
    await waitFor(() => expect(other!.state.status).toBe('signed-in'));
    const before = await page.record();
    await use.server.expireAccess();
    const full = fill();

    expect(await get(one!)).toBe('RefreshFailedError');
    expect(await get(other!)).toBe('RefreshFailedError');

    expect((await page.record())?.['tokens']).toBe(before?.['tokens']);
    expect(await use.server.refreshes()).toHaveLength(1);
    full.end();
    for (const session of [one!, other!]) await waitFor(async () => expect(await get(session)).toBe('complete'));
    expect((await use.server.refreshes()).map(({ outcome }) => outcome)).toEqual(['issued']);
    expect(await use.server.repeats()).toEqual([]);
  });
});
