import { OAuth2Client as BadgatewayClient } from '@badgateway/oauth2-client';
import { OAuth2Client as ArcticClient } from 'arctic';
import * as oauth4webapi from 'oauth4webapi';
import * as openidClient from 'openid-client';
import { classifyRefreshError, type RefreshErrorKind, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/session/backoff.ts';
import { record } from '../support/recorder.ts';
import { answering } from './answering.ts';
import { setUp } from './fixture.ts';

/** A refresh grant as the library's documentation shows it, at a token endpoint. */
type RefreshGrant = (endpoint: string) => Promise<unknown>;

const withFetchResponse: Record<string, RefreshGrant> = {
  oauth4webapi: async (endpoint) => {
    const server = { issuer: new URL(endpoint).origin, token_endpoint: endpoint };
    const answer = await oauth4webapi.refreshTokenGrantRequest(
      server,
      { client_id: 'app' },
      oauth4webapi.ClientSecretBasic('secret'),
      'refresh-1',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so as to stand out; the test's server has no TLS
      { [oauth4webapi.allowInsecureRequests]: true },
    );
    return oauth4webapi.processRefreshTokenResponse(server, { client_id: 'app' }, answer);
  },
  'openid-client': (endpoint) => {
    const server = { issuer: new URL(endpoint).origin, token_endpoint: endpoint };
    const config = new openidClient.Configuration(server, 'app', 'secret', openidClient.ClientSecretBasic('secret'));
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
    openidClient.allowInsecureRequests(config);
    return openidClient.refreshTokenGrant(config, 'refresh-1');
  },
};

const libraries: Record<string, RefreshGrant> = {
  ...withFetchResponse,
  '@badgateway/oauth2-client': (endpoint) =>
    new BadgatewayClient({ clientId: 'app', tokenEndpoint: endpoint }).refreshToken({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAt: null,
    }),
  arctic: (endpoint) => new ArcticClient('app', 'secret', null).refreshAccessToken(endpoint, 'refresh-1', []),
};

const byCode: [number, string, RefreshErrorKind][] = [
  [400, 'invalid_grant', 'rejected'],
  [400, 'invalid_request', 'misconfigured'],
  [400, 'invalid_client', 'misconfigured'],
  [401, 'invalid_client', 'misconfigured'],
  [400, 'invalid_scope', 'misconfigured'],
  [400, 'unauthorized_client', 'misconfigured'],
  [400, 'unsupported_grant_type', 'misconfigured'],
  [400, 'invalid_target', 'misconfigured'],
  [400, 'server_error', 'unavailable'],
  [400, 'temporarily_unavailable', 'unavailable'],
  [400, 'slow_down', 'unavailable'],
];

const failureOf = async (grant: RefreshGrant, endpoint: string): Promise<unknown> => {
  const outcome = await grant(endpoint).catch((error: unknown) => ({ error }));
  return (outcome as { error: unknown }).error;
};

describe.each(Object.entries(libraries))('classifyRefreshError with %s', (name, grant) => {
  const server = answering();

  it.each([...byCode, [503, 'x', 'unavailable'] as const])(
    `classifies %i %s of ${name} as %s`,
    async (status, code, expected) => {
      expect(classifyRefreshError(await failureOf(grant, `${server.url}/${status}/${code}`))).toBe(expected);
    },
  );

  it(`ends the session when the refresh by ${name} is refused`, async () => {
    const { session } = setUp({
      refresh: () => grant(`${server.url}/400/invalid_grant`) as Promise<TokenSet>,
      refreshRetries: false,
    });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { code: 'session-expired' } });
    expect(session.state.status).toBe('signed-out');
  });
});

describe.each(Object.entries(withFetchResponse))(
  'a refresh by %s, whose errors have the response as their cause,',
  (name, grant) => {
    const server = answering();

    it(`has the Retry-After read from the cause of an error of ${name}`, async () => {
      expect(retryAfterMs(await failureOf(grant, `${server.url}/503/x?retry-after=7`))).toBe(7_000);
    });

    it(`is tried again after a 503 in the cause of an error of ${name}`, async () => {
      const { session, refresh } = setUp({
        refresh: () => grant(`${server.url}/503/x?retry-after=0`) as Promise<TokenSet>,
        refreshRetries: { count: 2 },
      });
      expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'unavailable' } });
      expect(refresh).toHaveBeenCalledTimes(3);
    });

    it(`is misconfigured when ${name} reads no body and the challenge refuses the client`, async () => {
      const endpoint = `${server.url}/401/invalid_client?www-authenticate=Basic`;
      expect(classifyRefreshError(await failureOf(grant, endpoint))).toBe('misconfigured');
    });
  },
);
