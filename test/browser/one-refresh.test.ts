import { RefreshFailedError, SessionExpiredError } from 'sluice';
import { describe, expect, it } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn, typesOf } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
/** More requests than the six connections that Chromium opens to an origin, so that some of them wait in the browser. */
const herd = Array.from({ length: 20 }, (_, n) => n);

describe.each(adapters)('over %s', (adapter) => {
  it('401s at the same time cause one refresh, and each request gets its own response once', async () => {
    const { server } = use;
    const { api, refresh, session } = await appOn(server, adapter);
    await server.expireAccess();

    const recordings = herd.map((n) => record(api.get<Echo>('/api/echo', { params: { n } })));
    await Promise.all(recordings.map(({ outcome }) => outcome));

    for (const [n, recording] of recordings.entries()) {
      expect(recording.expectOneOutcome()).toMatchObject({
        kind: 'complete',
        values: [{ query: { n: String(n) }, generation: 2 }],
      });
    }
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(await server.refreshes()).toMatchObject([{ outcome: 'issued', inFlight: 0 }]);
    const sent = await server.sent('/api/echo');
    const last = herd.map((n) => sent.filter(({ query }) => query['n'] === String(n)).at(-1));
    expect(last.map((request) => request?.generation)).toEqual(herd.map(() => 2));
    expect(sent.length).toBeLessThanOrEqual(2 * herd.length);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
  });

  it('a request that is made during the refresh waits for it and is sent once', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const first = record(api.get('/api/first'));
    await refreshing.waiting(1);

    const late = ['/api/a', '/api/b', '/api/c'].map((path) => record(api.get(path)));
    await server.flush();
    expect((await server.sent()).map(({ path }) => path)).toEqual(['/api/first', '/api/refresh-token']);
    await refreshing.release();

    await Promise.all([first, ...late].map(({ outcome }) => outcome));
    expect(late.map(({ settled }) => settled?.kind)).toEqual(['complete', 'complete', 'complete']);
    for (const path of ['/api/a', '/api/b', '/api/c']) {
      expect(await server.sent(path)).toMatchObject([{ generation: 2, status: 200 }]);
    }
    expect(await server.staleSends()).toEqual([]);
  });

  it('a 401 that arrives after the refresh is resent without another refresh', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();
    const straggling = await server.hold('/api/straggler', 'after');
    const straggler = record(api.get<Echo>('/api/straggler'));
    await straggling.waiting(1);

    await record(api.get('/api/echo')).outcome;
    await straggling.release();

    expect(await straggler.outcome).toMatchObject({ kind: 'complete', values: [{ generation: 2 }] });
    expect(await server.refreshes()).toHaveLength(1);
    expect((await server.sent('/api/straggler')).map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('a refused refresh fails all waiting requests with one error and signs out once', async () => {
    const { server } = use;
    const { api, session, events } = await appOn(server, adapter);
    await server.expireAccess();
    await server.revokeFamily();

    const outcomes = await Promise.all(herd.slice(0, 5).map((n) => record(api.get(`/api/${n}`)).outcome));

    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'error', error: expect.any(SessionExpiredError), values: [] });
    }
    expect(typesOf(events).filter((type) => type === 'signed-out')).toHaveLength(1);
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
    expect(await server.refreshes()).toHaveLength(1);
  });

  it('a server that answers every token with 401 sees one refresh for a herd', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.refreshBehaviour('same-token');
    await server.expireAccess();

    const outcomes = await Promise.all(herd.map((n) => record(api.get(`/api/${n}`)).outcome));

    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'error', error: expect.any(RefreshFailedError) });
    }
    expect(await server.refreshes()).toHaveLength(1);
  });
});
