import { NEVER, Subject } from 'rxjs';
import type { TokenSet } from 'sluice/session';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { refusal, tokensOf } from './fixture.ts';
import { passAsync } from './shared-fixture.ts';
import { sharedSessions } from './shared-sessions.ts';

/** Longer than a refresh waits for a holder that has died. */
const LONG_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tokens that the app brings are in force although their write ends a refresh that waited for the store', async () => {
  const { open, content } = sharedSessions();
  const [here, there] = [open({ refresh: () => NEVER }), open()];
  here.way.nextSwaps.push('throws after');
  here.session.refresh$.subscribe({ error: () => undefined });
  void there.session.update(tokensOf(2));
  // Longer than the retry of that swap waits, and shorter than the next look of the refresh.
  await passAsync(100);
  void here.session.update(tokensOf(3));
  await passAsync(LONG_MS);
  expect(content().accessToken).toBe('access-3');
  expect(here.session.state.tokens?.accessToken).toBe('access-3');
});

it('signing out starts no refresh of a cookie session that was still waiting for the store', async () => {
  const { open } = sharedSessions({ signedIn: false });
  const here = open({ canRefresh: () => true, refresh: () => NEVER });
  here.way.nextSwaps.push('throws after');
  here.session.refresh$.subscribe({ error: () => undefined });
  void here.session.signOut();
  await passAsync(LONG_MS);
  expect(here.refresh).not.toHaveBeenCalled();
});
