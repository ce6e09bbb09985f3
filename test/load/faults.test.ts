import { attachSession } from 'sluice';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fetchOn } from '../behaviour/fixture.ts';
import { adapters, appOn, instanceOn } from '../http/fixture.ts';
import { pause } from '../support/real-time.ts';
import { record } from '../support/recorder.ts';
import type { RefreshPreset } from '../support/refresh-behaviour.ts';
import { holdTimeLimits } from '../support/time-limits.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer({ waitMs: 20_000 });

/** Accidental failures of a refresh, after which the refresh token is still unused. */
const faults: RefreshPreset[] = [
  'reset',
  'reset-after-headers',
  'half-body',
  'slow-headers',
  'html',
  'empty',
  'huge',
  'not-json',
  '503',
];

describe.each(adapters)('under load, with the %s adapter,', (adapter) => {
  const setUp = () => {
    const { server } = auth;
    const { session, api } = appOn(server, {
      adapter,
      sessionOptions: { refreshRetries: false, minRefreshIntervalMs: 0 },
    });
    const instance = instanceOn(server, adapter);
    attachSession(instance, session);
    const ways = [
      (path: string) => api.get(path),
      (path: string) => from(instance.get(path)),
      fetchOn(server, session),
    ];
    const herd = () => ways.map((get) => record(get('/api/echo')));
    return { server, session, herd };
  };

  it.each(faults)(
    'a refresh that meets %s leaves no request without an outcome, and the next refresh succeeds',
    async (fault) => {
      const passTimeLimit = fault === 'hang' || fault === 'slow-headers' ? holdTimeLimits() : () => undefined;
      const { server, session, herd } = setUp();
      server.expireAccess();
      server.nextRefresh(fault);
      const hold = server.hold('/api/refresh-token');
      const recordings = herd();
      await hold.arrived;
      hold.release();
      passTimeLimit(30_000);
      // Requests whose 401 arrives after the failure may cause the next refresh, and succeed.
      for (const recording of recordings) expect(['error', 'complete']).toContain((await recording.outcome).kind);
      expect(session.state).toMatchObject({ status: 'signed-in', generation: expect.any(Number) });
      const again = herd();
      for (const recording of again) {
        await recording.outcome;
        expect(recording.expectOneOutcome().kind).toBe('complete');
      }
      expect(server.reuse).toEqual([]);
    },
  );

  it('requests succeed on a server that closes its idle connections between all of them', async () => {
    const { server, herd } = setUp();
    for (let round = 0; round < 5; round += 1) {
      server.expireAccess();
      for (const recording of herd()) expect((await recording.outcome).kind).toBe('complete');
      await server.idle();
      server.dropIdleConnections();
      // Wait for the close to arrive: a request that the platform sends on a connection that is just being closed
      // fails by itself.
      await pause(50);
    }
    expect(server.refreshes).toHaveLength(5);
    expect(server.reuse).toEqual([]);
  });
});
