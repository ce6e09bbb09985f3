import { expect, it } from 'vitest';
import { StoreFailedError } from 'sluice';
import { testSession } from 'sluice/testing';
import { gatewayApp } from '../../examples/gateway/app.ts';

it('the gateway takes the cookie away at a sign-out, also if Redis cannot be told of it', async () => {
  const { session } = testSession();
  const signOut = (): Promise<void> => Promise.reject(new StoreFailedError());
  const of = () => Object.defineProperty(Object.create(session) as typeof session, 'signOut', { value: signOut });
  const app = gatewayApp({ of, signIn: () => Promise.resolve(null) }, 'http://upstream.test');
  app.onError((_error, context) => context.text('failed', 503));
  const headers = { cookie: 'gateway=abc', origin: 'http://localhost' };
  const answer = await app.request('http://localhost/logout', { method: 'POST', headers });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('set-cookie')).toMatch(/^gateway=; Max-Age=0/);
});
