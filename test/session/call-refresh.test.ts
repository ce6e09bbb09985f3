import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { RefreshCall } from '../../src/session/call-refresh.ts';
import { resolveOptions } from '../../src/session/session-options.ts';
import { tokensOf } from './fixture.ts';

// The session keeps its last call for as long as it lives, also after a sign-out. Text cannot be watched by a WeakRef, so look at the fields.
it('a call of refresh has no field that keeps the refresh token in memory', async () => {
  const options = resolveOptions({ refresh: async () => tokensOf(2) });
  const call = new RefreshCall(options, 'requested', () => undefined);
  await expect(firstValueFrom(call.tokens$(tokensOf(1), 1))).resolves.toEqual(tokensOf(2));
  expect(call).toMatchObject({ reason: 'requested', generation: 1 });
  expect(Object.values(call)).not.toContain('refresh-1');
});
