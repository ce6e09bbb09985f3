import { inject, InjectionToken, PLATFORM_ID } from '@angular/core';
import { createSessionGuard, provideSession, SESSION, sessionGuard } from 'sluice/angular';
import { InvalidInputError, memoryStore, type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { defer, NEVER, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { record, type Recording } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app } from './fixture.ts';
import { injected } from './injected.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();

const now = Date.now();
const good: TokenSet = { accessToken: 'good', refreshToken: 'refresh', expiresAt: now + 3_600_000 };
const dead: TokenSet = { accessToken: 'dead', refreshToken: 'refresh', expiresAt: now - 1000 };

interface Visit {
  readonly passes: Recording<unknown>;
  readonly session: Session;
  readonly refresh: ReturnType<typeof vi.fn>;
}

function visit(options: Partial<SessionOptions>, guard: typeof sessionGuard = sessionGuard): Visit {
  const refresh = vi.fn<SessionOptions['refresh']>(options.refresh ?? (() => [good]));
  const injector = app([provideSession({ refreshRetries: false, ...options, refresh })]);
  const passes = record(injected(injector, () => guard({}, { url: '/orders?page=2' })));
  return { passes, session: injector.get(SESSION), refresh };
}

async function passed({ passes }: Visit): Promise<unknown> {
  const { kind, values } = await passes.outcome;
  expect(kind).toBe('complete');
  expect(values).toHaveLength(1);
  return values[0];
}

describe('The session guard', () => {
  it('lets a signed-in person in, without a refresh', async () => {
    const visited = visit({ store: memoryStore(good) });
    expect(await passed(visited)).toBe(true);
    expect(visited.refresh).not.toHaveBeenCalled();
  });

  it('keeps out a person who is not signed in, without a refresh when there is nothing to refresh with', async () => {
    const visited = visit({});
    expect(await passed(visited)).toBe(false);
    expect(visited.refresh).not.toHaveBeenCalled();
  });

  it('waits until the store has been read', async () => {
    const stored$ = new Subject<TokenSet | null>();
    const visited = visit({
      store: {
        get: () =>
          new Promise((resolve) => {
            stored$.subscribe(resolve);
          }),
        set: () => undefined,
      },
    });
    expect(visited.passes.settled).toBeUndefined();
    stored$.next(good);
    expect(await passed(visited)).toBe(true);
  });

  it('waits for the refresh of a token that is past `expiresAt`', async () => {
    const tokens$ = new Subject<TokenSet>();
    const visited = visit({ store: memoryStore(dead), refresh: () => tokens$ });
    await waitFor(() => {
      expect(visited.refresh).toHaveBeenCalledOnce();
    });
    expect(visited.passes.settled).toBeUndefined();
    tokens$.next(good);
    tokens$.complete();
    expect(await passed(visited)).toBe(true);
    expect(visited.refresh).toHaveBeenCalledOnce();
  });

  it('restores a session from its cookie', async () => {
    const visited = visit({ canRefresh: () => true });
    expect(await passed(visited)).toBe(true);
    expect(visited.refresh).toHaveBeenCalledOnce();
  });

  it('keeps out a person without the cookie', async () => {
    const visited = visit({ canRefresh: () => true, refresh: () => throwError(() => refusal()) });
    expect(await passed(visited)).toBe(false);
  });

  it('keeps out a person whose refresh is refused', async () => {
    const visited = visit({ store: memoryStore(dead), refresh: () => throwError(() => refusal()) });
    expect(await passed(visited)).toBe(false);
    expect(visited.session.state.reason).toBe('expired');
  });

  it('lets a signed-in person pass while the network cannot be reached', async () => {
    const offline = (): never => {
      throw new TypeError('fetch failed');
    };
    const visited = visit({ store: memoryStore(dead), refresh: () => defer(offline) });
    expect(await passed(visited)).toBe(true);
    expect(visited.session.state.tokens).toEqual(dead);
  });

  it('does not restore a session after signOut()', async () => {
    const refresh = vi.fn(() => [good]);
    const injector = app([provideSession({ refresh, canRefresh: () => true })]);
    await injector.get(SESSION).signIn(good);
    await injector.get(SESSION).signOut();
    const passes = record(injected(injector, () => sessionGuard({}, { url: '/' })));
    expect(await passes.outcome).toMatchObject({ values: [false] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('redirects to `redirectTo`, which can inject and gets the route that was wanted', async () => {
    const SIGN_IN = new InjectionToken<string>('sign-in');
    const guard = createSessionGuard({ redirectTo: (url) => `${inject(SIGN_IN)}?returnTo=${url}` });
    const injector = app([
      { provide: SIGN_IN, useValue: '/sign-in' },
      provideSession({ refresh: () => throwError(() => refusal()) }),
    ]);
    const passes = record(injected(injector, () => guard({}, { url: '/orders?page=2' })));
    expect(await passes.outcome).toMatchObject({ values: ['/sign-in?returnTo=/orders?page=2'] });
  });

  it('checks the session whose injection token it is given', async () => {
    const OTHER = new InjectionToken<Session>('other');
    const guard = createSessionGuard({ session: OTHER });
    const injector = app([
      provideSession({ refresh: () => throwError(() => refusal()) }),
      provideSession({ refresh: () => [good], store: memoryStore(good) }, { provide: OTHER }),
    ]);
    expect(await record(injected(injector, () => guard({}, { url: '/' }))).outcome).toMatchObject({ values: [true] });
  });

  it('does not cancel the refresh when the navigation is cancelled', async () => {
    const visited = visit({ store: memoryStore(dead), refresh: () => NEVER });
    await waitFor(() => {
      expect(visited.refresh).toHaveBeenCalledOnce();
    });
    visited.passes.unsubscribe();
    expect(visited.session.state.status).toBe('refreshing');
  });

  describe('on a server that renders', () => {
    const server = { provide: PLATFORM_ID, useValue: 'server' };
    const redirectTo = (): string => '/sign-in';

    it('lets everybody pass, and makes no session and no refresh for that', async () => {
      const refresh = vi.fn(() => [good]);
      const made = vi.fn(() => ({ refresh, canRefresh: () => true }));
      const injector = app([server, provideSession(made)]);
      const passes = record(injected(injector, () => createSessionGuard({ redirectTo })({}, { url: '/' })));
      expect(await passes.outcome).toMatchObject({ kind: 'complete', values: [true] });
      expect(made).not.toHaveBeenCalled();
    });

    it.each([
      ['redirects a person who is not signed in', null, '/sign-in'],
      ['lets a person pass who is signed in', good, true],
    ])('with `decidesOnServer` %s', async (_, tokens, expected) => {
      const injector = app([server, provideSession({ refresh: () => [good], store: memoryStore(tokens) })]);
      const guard = createSessionGuard({ redirectTo, decidesOnServer: true });
      const passes = record(injected(injector, () => guard({}, { url: '/' })));
      expect(await passes.outcome).toMatchObject({ values: [expected] });
    });
  });

  it('throws for an unknown option', () => {
    expect(() => createSessionGuard({ redirect: '/sign-in' } as object)).toThrow(InvalidInputError);
  });
});

function refusal(): Error {
  return Object.assign(new Error('refused'), { status: 400, data: { error: 'invalid_grant' } });
}
