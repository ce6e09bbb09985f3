import { expect, it } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it('heals', async () => {
  const { api } = fetchOn(auth.server);
  auth.server.expireAccess();
  const answers = await Promise.all([1, 2, 3].map((n) => api(`${auth.server.url}/api/echo?n=${n}`)));
  expect(await Promise.all(answers.map(async (r) => ((await r.json()) as Echo).generation))).toEqual([2, 2, 2]);
  expect(auth.server.refreshes).toHaveLength(1);
});
