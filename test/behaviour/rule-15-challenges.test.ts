import { attachSession } from 'sluice';
import { defer, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, instanceOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, outcomesOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const setUp = () => {
  const { server } = auth;
  const { api, session, events } = appOn(server);
  const instance = instanceOn(server);
  attachSession(instance, session);
  const onFetch = fetchOn(server, session);
  const requests = (path: string) => [
    record<unknown>(api.get(path)),
    record<unknown>(defer(() => from(instance.get(path)))),
    record<unknown>(onFetch(path)),
  ];
  return { server, session, events, requests };
};
const refused = [
  expect.objectContaining({ kind: 'error', error: expect.objectContaining({ status: 401 }) }),
  expect.objectContaining({ kind: 'error', error: expect.objectContaining({ status: 401 }) }),
  expect.objectContaining({ kind: 'complete', values: [expect.objectContaining({ status: 401 })] }),
];

describe('Rule 15: 401 challenges are read when visible: `error="insufficient_user_authentication"` (RFC 9470) and anything that names a cause other than `invalid_token` start no refresh', () => {
  it.each([
    'error=insufficient_user_authentication&acr_values=urn:mfa&max_age=60',
    'error=insufficient_scope',
    'error=invalid_request',
    'error=some_cause_of_their_own',
    `raw=${encodeURIComponent('Basic realm="a", Bearer realm="b, error=\\"invalid_token\\"", error=insufficient_user_authentication')}`,
  ])('%s', async (query) => {
    const { server, session, events, requests } = setUp();
    events.length = 0;
    expect(await outcomesOf(requests(`/api/challenge?${query}`))).toEqual(refused);
    expect(server.refreshes).toEqual([]);
    expect(server.sent()).toHaveLength(3);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    const error = query.startsWith('raw') ? 'insufficient_user_authentication' : /error=(\w+)/.exec(query)?.[1];
    expect(events).toEqual(Array(3).fill({ type: 'challenged', error }));
  });

  it.each([
    [
      'invalid_token',
      { 'www-authenticate': 'Bearer error="invalid_token", error_description="error=insufficient_scope"' },
    ],
    ['no cause', { 'www-authenticate': 'Bearer realm="api"' }],
    ['no challenge', {}],
    [
      'one invalid_token among several',
      { 'www-authenticate': 'DPoP error="use_dpop_nonce", Bearer error="invalid_token"' },
    ],
  ])('a 401 with %s starts a refresh', async (_name, headers) => {
    const { server, requests } = setUp();
    server.unauthorized = () => ({ status: 401, headers: headers, body: {} });
    server.expireAccess();
    const outcomes = await outcomesOf(requests('/api/echo'));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['complete', 'complete', 'complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo').at(-1)?.generation).toBe(2);
  });

  it('a 403 starts no refresh', async () => {
    const { server, requests } = setUp();
    const outcomes = await outcomesOf(requests('/api/challenge?status=403&error=invalid_token'));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['error', 'error', 'complete']);
    expect(server.refreshes).toEqual([]);
  });
});
