import { expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it.each(adapters)('an answer that breaks off is an AxiosError (%s)', async (adapter) => {
  auth.server.route('/api/break', () => ({
    fault: 'half-body',
    body: { long: 'x'.repeat(1000) },
  }));
  expect(await errorOf(appOn(auth.server, { adapter }).api.get('/api/break'))).toMatchObject({ isAxiosError: true });
});
