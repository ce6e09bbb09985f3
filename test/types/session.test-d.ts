import {
  classifyRefreshError,
  createClient,
  createSession,
  isSluiceError,
  memoryStore,
  RefreshFailedError,
  type AnySluiceError,
  type RefreshContext,
  type RefreshErrorKind,
  type RefreshFailureReason,
  type RefreshReason,
  retryOnUnauthorized,
  type SchemaMismatchError,
  type Session,
  type SessionEvent,
  type SessionExpiredError,
  type SessionOptions,
  type SessionState,
  type SessionStatus,
  type SignOutReason,
  type SluiceErrorCode,
  type TokenSet,
  type TokenStore,
} from 'sluice';
import { jwtExpiry } from 'sluice/jwt';
import { createSession as createSessionAlone, type Session as SessionAlone } from 'sluice/session';
import { firstValueFrom, of, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';

/** An app's own token set. */
interface AppTokens extends TokenSet {
  readonly userId: number;
}

declare const tokens: AppTokens;
declare const plain: TokenSet;
declare const session: Session;
declare const appSession: Session<AppTokens>;
declare const store: TokenStore<AppTokens>;

describe('a token set', () => {
  it('needs an access token and nothing else', () => {
    expectTypeOf<{ accessToken: string }>().toExtend<TokenSet>();
    expectTypeOf<AppTokens>().toExtend<TokenSet>();
    // @ts-expect-error -- no access token
    void session.signIn({ refreshToken: 'r' });
    // @ts-expect-error -- a Date is not epoch milliseconds
    void session.signIn({ accessToken: 'a', expiresAt: new Date() });
  });

  it('may have undefined for what a server leaves out', () => {
    void session.signIn({ accessToken: 'a', refreshToken: undefined, expiresAt: undefined });
  });

  it('is read-only', () => {
    // @ts-expect-error -- read-only
    tokens.accessToken = 'b';
  });
});

describe('createSession', () => {
  it('accepts a refresh that returns a promise, an Observable or an array', () => {
    expectTypeOf(createSession({ refresh: async () => tokens })).toEqualTypeOf<Session<AppTokens>>();
    expectTypeOf(createSession({ refresh: () => of(tokens) })).toEqualTypeOf<Session<AppTokens>>();
    expectTypeOf(createSession({ refresh: () => [tokens] })).toEqualTypeOf<Session<AppTokens>>();
  });

  it('accepts a refresh that gives a plain token set', () => {
    expectTypeOf(createSession({ refresh: () => of(plain) })).toEqualTypeOf<Session>();
    expectTypeOf(
      createSession({ refresh: async (current) => ({ accessToken: `${current?.accessToken ?? ''}+` }) }),
    ).toEqualTypeOf<Session>();
  });

  it('calls refresh with the current tokens, the reason and a signal', () => {
    createSession<AppTokens>({
      refresh: (current, context) => {
        expectTypeOf(current).toEqualTypeOf<AppTokens | null>();
        expectTypeOf(context).toEqualTypeOf<RefreshContext>();
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(context.reason).toEqualTypeOf<'unauthorized' | 'expiring' | 'requested'>();
        return of(tokens);
      },
    });
  });

  it('infers the token set of its callbacks from its store', () => {
    createSession({
      store,
      refresh: async () => tokens,
      canRefresh: (current) => {
        expectTypeOf(current).toEqualTypeOf<AppTokens | null>();
        return true;
      },
      authorize: (current) => {
        expectTypeOf(current).toEqualTypeOf<AppTokens>();
        return { 'X-Token': current.accessToken };
      },
      revoke: (current) => {
        expectTypeOf(current.userId).toBeNumber();
        return [];
      },
      classifyRefreshError: (error) => {
        expectTypeOf(error).toBeUnknown();
        return 'unavailable';
      },
    });
  });

  it('refuses what cannot work', () => {
    // @ts-expect-error -- no refresh
    createSession({});
    // @ts-expect-error -- a refresh that gives no token set
    createSession({ refresh: async () => ({ jwtToken: 'a' }) });
    // @ts-expect-error -- a refresh that gives nothing
    createSession({ refresh: async () => undefined });
    // @ts-expect-error -- tokens themselves are no promise, observable or array
    createSession({ refresh: () => ({ accessToken: 'a' }) });
    // @ts-expect-error -- misspelt
    createSession({ refresh: async () => tokens, refreshTimeout: 1 });
    // @ts-expect-error -- no such class of error
    createSession({ refresh: async () => tokens, classifyRefreshError: () => 'fatal' });
    // @ts-expect-error -- retries are options or false
    createSession({ refresh: async () => tokens, refreshRetries: true });
    // @ts-expect-error -- not all of what the app keeps with its tokens
    createSession<AppTokens>({ refresh: async () => plain, store });
  });
});

describe('a session', () => {
  it('gives its state, its events and its tokens with the app’s token set', () => {
    expectTypeOf(appSession.state).toEqualTypeOf<SessionState<AppTokens>>();
    expectTypeOf(appSession.state.tokens).toEqualTypeOf<AppTokens | null>();
    expectTypeOf(appSession.state.status).toEqualTypeOf<SessionStatus>();
    expectTypeOf(appSession.state.reason).toEqualTypeOf<RefreshReason | SignOutReason | undefined>();
    expectTypeOf(appSession.state$).toEqualTypeOf<Observable<SessionState<AppTokens>>>();
    expectTypeOf(appSession.refresh$).toEqualTypeOf<Observable<AppTokens>>();
    expectTypeOf(appSession.events$).toEqualTypeOf<Observable<SessionEvent>>();
    expectTypeOf(firstValueFrom(appSession.refresh$)).resolves.toEqualTypeOf<AppTokens>();
  });

  it('signs in with the whole token set', () => {
    expectTypeOf(appSession.signIn).parameters.toEqualTypeOf<[AppTokens]>();
    expectTypeOf(appSession.signIn(tokens)).resolves.toBeVoid();
    expectTypeOf(appSession.signOut()).resolves.toBeVoid();
    expectTypeOf(appSession.dispose).returns.toBeVoid();
    // @ts-expect-error -- no user
    void appSession.signIn({ accessToken: 'a' });
  });

  it('with the app’s token set can be given to a client', () => {
    createClient({ baseURL: 'https://api.example.com', session: appSession });
    retryOnUnauthorized(appSession);
  });

  it('has the same type from sluice/session', () => {
    expectTypeOf<SessionAlone>().toEqualTypeOf<Session>();
    expectTypeOf(createSessionAlone).toEqualTypeOf(createSession);
  });

  it('has events that their `type` tells apart', () => {
    const event = {} as SessionEvent;
    if (event.type === 'signed-out') expectTypeOf(event.reason).toEqualTypeOf<'sign-out' | 'expired' | 'elsewhere'>();
    if (event.type === 'request-resent') expectTypeOf(event.generation).toBeNumber();
    // @ts-expect-error -- no such event
    if (event.type === 'signed-off') throw new Error();
  });
});

describe('retryOnUnauthorized', () => {
  it('keeps the type of its source', () => {
    expectTypeOf(of(1).pipe(retryOnUnauthorized(session))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(of('a').pipe(retryOnUnauthorized(appSession))).toEqualTypeOf<Observable<string>>();
  });

  it('calls the predicate with a value of unknown type', () => {
    retryOnUnauthorized(session, {
      isUnauthorized: (outcome) => {
        expectTypeOf(outcome).toBeUnknown();
        return false;
      },
    });
    // @ts-expect-error -- yes or no
    retryOnUnauthorized(session, { isUnauthorized: () => 'yes' });
    // @ts-expect-error -- not a session
    retryOnUnauthorized({ refresh$: of(tokens) });
  });
});

describe('errors', () => {
  const error: unknown = new Error();

  it('are distinguished by their code', () => {
    if (!isSluiceError(error)) return;
    expectTypeOf(error).toEqualTypeOf<AnySluiceError>();
    expectTypeOf(error.code).toEqualTypeOf<SluiceErrorCode>();
    if (error.code === 'refresh-failed') expectTypeOf(error.reason).toEqualTypeOf<RefreshFailureReason>();
    if (error.code === 'session-expired') expectTypeOf(error).toEqualTypeOf<SessionExpiredError>();
    if (error.code === 'schema-mismatch') expectTypeOf(error).toEqualTypeOf<SchemaMismatchError>();
    // @ts-expect-error -- no such code
    if (error.code === 'expired') throw new Error();
  });

  it('are distinguished by their name', () => {
    if (isSluiceError(error) && error.name === 'RefreshFailedError') {
      expectTypeOf(error).toEqualTypeOf<RefreshFailedError>();
    }
  });

  it('have a literal code that a switch can exhaust', () => {
    const textOf = ({ code }: AnySluiceError): string => {
      switch (code) {
        case 'session-expired':
        case 'refresh-failed':
        case 'session-changed':
        case 'store-failed':
        case 'body-used':
        case 'invalid-input':
        case 'schema-mismatch':
        case 'stream-failed':
          return code;
      }
    };
    expectTypeOf(textOf).returns.toBeString();
  });

  it('of a failed refresh need a reason that exists', () => {
    new RefreshFailedError('timeout');
    // @ts-expect-error -- no such reason
    new RefreshFailedError('offline');
  });
});

describe('no public type is any', () => {
  it('in sessions, stores and helpers', () => {
    expectTypeOf(createSession).not.toBeAny();
    expectTypeOf(createSession).parameter(0).not.toBeAny();
    expectTypeOf<Session[keyof Session]>().not.toBeAny();
    expectTypeOf<SessionOptions[keyof SessionOptions]>().not.toBeAny();
    expectTypeOf<TokenStore[keyof TokenStore]>().not.toBeAny();
    expectTypeOf<TokenSet[keyof TokenSet]>().not.toBeAny();
    expectTypeOf<SessionEvent['type']>().not.toBeAny();
    expectTypeOf(memoryStore()).toEqualTypeOf<TokenStore>();
    expectTypeOf(classifyRefreshError).toEqualTypeOf<(error: unknown) => RefreshErrorKind>();
    expectTypeOf(jwtExpiry).returns.toEqualTypeOf<number | undefined>();
    expectTypeOf<AnySluiceError['cause']>().toBeUnknown();
  });
});
