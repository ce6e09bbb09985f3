import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import type { RotatingServer } from './rotating-server.ts';
import { MIN_REFRESH_INTERVAL_MS, passAsync, STORE_TIMEOUT_MS } from './shared-fixture.ts';
import { type HolderSession, sharedSessions, twoHolders } from './shared-sessions.ts';

failOnUnhandled();
useFakeTime();

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };

describe('soon after another holder’s refresh has failed', () => {
  const afterFailure = async (): Promise<{ server: RotatingServer; here: HolderSession }> => {
    const { server, open } = sharedSessions();
    const bounds = { minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS };
    const there = open({
      ...bounds,
      refresh: () => throwError(() => Object.assign(new Error(), { response: { status: 503 } })),
    });
    const here = open(bounds);
    const failed = record(there.session.refresh$);
    await passAsync(1);
    expect(failed.expectOneOutcome()).toMatchObject(unavailable);
    return { server, here };
  };

  it('a request that needs a refresh fails as that one did, and presents nothing', async () => {
    const { server, here } = await afterFailure();
    server.expireAccess();
    const request = here.request();
    await passAsync(1);
    expect(request.expectOneOutcome()).toMatchObject(unavailable);
    expect(server.presented).toEqual([]);
  });

  it('a refresh that the app asks for is made all the same', async () => {
    const { server, here } = await afterFailure();
    const asked = record(here.session.refresh$);
    await passAsync(1);
    expect(asked.expectOneOutcome()).toMatchObject({ kind: 'complete' });
    expect(server.presented).toEqual(['refresh-ada1-1']);
  });
});

describe('a refresh', () => {
  it('that gets no turn because the store cannot be reached fails with the error of the store as its cause', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    const asked = record(here.session.refresh$);
    await passAsync(STORE_TIMEOUT_MS);
    const { error } = asked.expectOneOutcome() as { error?: Error };
    expect(error).toMatchObject({ name: 'RefreshFailedError', reason: 'unavailable' });
    expect(error?.cause).toBeInstanceOf(Error);
  });

  it('that is refused while the store cannot be reached ends the session all the same', async () => {
    const its = twoHolders();
    const here = its.open({ refresh: its.server.refresh(50), storeTimeoutMs: STORE_TIMEOUT_MS });
    its.server.endSignIns();
    its.server.expireAccess();
    const request = here.request();
    await passAsync(10);
    here.way.isDown = true;
    await passAsync(50 + STORE_TIMEOUT_MS);
    expect(request.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
  });
});
