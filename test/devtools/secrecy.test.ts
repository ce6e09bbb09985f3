import { logEvents, trackEvents } from 'sluice/devtools';
import { lastValueFrom } from 'rxjs';
import { afterEach, expect, it, vi } from 'vitest';
import { text } from 'sluice/streams';
import { attachedOn } from '../http/attached.ts';
import { adapters, appOn, errorOf } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { traced } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
afterEach(() => {
  vi.unstubAllGlobals();
});

it.each(adapters)('no token, query, header or body is in traces, lines or tracks, over %s', async (adapter) => {
  const timeStamp = vi.fn();
  vi.stubGlobal('console', { ...console, timeStamp });
  const { api, session } = appOn(auth.server, { adapter });
  const { instance } = attachedOn(auth.server, { adapter, sessionOptions: { initial: session.state.tokens } });
  const lines: string[] = [];
  const events = traced(api);
  const ofInstance = traced(instance);
  const subscriptions = [logEvents(session, { api, log: (line) => lines.push(line) }), trackEvents(session, api)];
  const tokens: string[] = [];
  const watching = session.state$.subscribe(({ tokens: current }) => {
    if (current) tokens.push(current.accessToken, current.refreshToken ?? '');
  });
  const { server } = auth;
  const secrets = { params: { secret: 'in-params' }, headers: { 'x-secret': 'in-headers' } };

  server.expireAccess();
  await lastValueFrom(api.post('/api/echo?secret=in-url', { secret: 'in-body' }, secrets));
  await errorOf(api.get(`/api/status/500?token=${tokens[0] ?? ''}`, secrets));
  await errorOf(
    api.get(`/api/echo?token=${tokens[0] ?? ''}`, { ...secrets, timeout: 0, responseType: 'text', schema: never }),
  );
  await lastValueFrom(text(api, '/api/stream?secret=in-url', secrets));
  await instance.get('/api/echo?secret=in-url', secrets).catch(() => undefined);
  server.offline();
  await errorOf(api.get('/api/echo?secret=in-url', secrets));
  server.offline(false);
  server.expireAccess();
  server.revokeFamily();
  await errorOf(api.get('/api/echo?secret=in-url', secrets));

  subscriptions.forEach((subscription) => {
    subscription.unsubscribe();
  });
  watching.unsubscribe();
  const shown = { events, ofInstance, lines, entries: timeStamp.mock.calls };
  expect(tokens.length).toBeGreaterThan(3);
  expect(ofInstance.length).toBeGreaterThan(2);
  for (const part of Object.values(shown)) expect(part.length).toBeGreaterThan(2);
  expectNoToken(shown, [...tokens, 'secret', 'in-url', 'in-params', 'in-headers', 'in-body']);
});

/** A schema that accepts nothing, and quotes what it was given. */
const never = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ issues: [{ message: `not ${JSON.stringify(value)}` }] }),
  },
} as const;
