import { of } from 'rxjs';
import { createSession, InvalidInputError, type SessionOptions, type TokenSet } from 'sluice/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { setUp, tokensOf } from './fixture.ts';

const make = (options: unknown) => () => createSession(options as SessionOptions);
const refresh = () => of(tokensOf(2));

describe('createSession', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([undefined, null, {}, { refresh: undefined }, { refresh: 'x' }, { refresh: of(tokensOf(1)) }, 'x', 1])(
    'throws without `refresh`: %s',
    (options) => {
      expect(make(options)).toThrow(InvalidInputError);
      expect(make(options)).toThrow('`refresh`');
    },
  );

  it('names the unknown option and the known ones', () => {
    expect(make({ refresh, refreshTimeout: 5 })).toThrow(InvalidInputError);
    expect(make({ refresh, refreshTimeout: 5 })).toThrow(
      'createSession() knows no refreshTimeout. It takes: refresh, store, canRefresh, classifyRefreshError, ' +
        'refreshTimeoutMs, storeTimeoutMs, refreshRetries, refreshLeewayMs, minRefreshIntervalMs, authorize, revoke, ownerOf.',
    );
  });

  it('ignores an unknown option in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(make({ refresh, refreshTimeout: 5 })).not.toThrow();
    expect(make({ refresh, refreshTimeoutMs: -1 })).toThrow(InvalidInputError);
  });

  it.each(['refreshTimeoutMs', 'storeTimeoutMs', 'refreshLeewayMs', 'minRefreshIntervalMs'])(
    'throws for a %s that is no time',
    (name) => {
      for (const value of [-1, NaN, 'soon', {}, -Infinity]) {
        expect(make({ refresh, [name]: value })).toThrow(InvalidInputError);
        expect(make({ refresh, [name]: value })).toThrow(`${name} takes milliseconds, 0 or more; given: `);
      }
      for (const value of [0, 1, Infinity, undefined]) expect(make({ refresh, [name]: value })).not.toThrow();
    },
  );

  it('uses the default for an option that is undefined', () => {
    const session = createSession({
      refresh,
      store: undefined,
      canRefresh: undefined,
      classifyRefreshError: undefined,
      refreshRetries: undefined,
      authorize: undefined,
      revoke: undefined,
    } as unknown as SessionOptions);
    expect(session.state.status).toBe('signed-out');
    void session.signIn(tokensOf(1));
    void session.signOut();
    expect(session.state.status).toBe('signed-out');
  });
});

describe('signIn', () => {
  it.each([
    undefined,
    null,
    'access-1',
    {},
    { accessToken: '' },
    { access_token: 'access-1', refreshToken: 'refresh-1' },
    { accessToken: 'access-1', expiresAt: '2030-01-01' },
    { accessToken: 'access-1', expiresAt: NaN },
    { accessToken: 'access-1', expiresAt: new Date() },
  ])('throws for %j at the call, says what it expects, changes nothing and quotes no token', (tokens) => {
    const set = vi.fn();
    const { session, events } = setUp({ store: { get: () => null, set } });
    let thrown: unknown;
    try {
      void session.signIn(tokens as TokenSet);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidInputError);
    expect((thrown as InvalidInputError).message).toContain('signIn() takes { accessToken,');
    expectNoToken(thrown, ['access-1', 'refresh-1'], { skip: (path) => path.endsWith('.stack') });
    expect([session.state.status, events, set.mock.calls]).toEqual(['signed-out', [], []]);
  });
});
