import { inject, InjectionToken, Injector, provideEnvironmentInitializer } from '@angular/core';
import { injectSession, injectSessionState, provideSession, SESSION } from 'sluice/angular';
import { InvalidInputError, type Session, SessionChangedError, type SessionState, type TokenSet } from 'sluice/session';
import { NEVER, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app } from './fixture.ts';

failOnUnhandled();
const refresh = () => [{ accessToken: 'access' }];

describe('provideSession', () => {
  it('takes options, or a factory of them that injects', () => {
    const KEY = new InjectionToken<string>('key');
    const injector = app([
      { provide: KEY, useValue: 'from the injector' },
      provideSession(() => {
        const accessToken = inject(KEY);
        return { refresh: () => [{ accessToken }], canRefresh: () => true };
      }),
    ]);
    const { events } = record(injector.get(SESSION).refresh$);
    expect(events).toMatchObject([{ value: { accessToken: 'from the injector' } }, { kind: 'complete' }]);
    expect(app([provideSession({ refresh })]).get(SESSION).state.status).toBe('signed-out');
  });

  it('makes a session for each application, when it is first asked for', () => {
    let made = 0;
    const provider = provideSession(() => {
      made += 1;
      return { refresh };
    });
    const [one, other] = [app([provider]), app([provider])];
    expect(made).toBe(0);
    expect(one.get(SESSION)).toBe(one.get(SESSION));
    expect(one.get(SESSION)).not.toBe(other.get(SESSION));
    expect(made).toBe(2);
  });

  it('disposes of it with its injector: who waits is told', async () => {
    const injector = app([provideSession({ refresh: () => NEVER, canRefresh: () => true })]);
    const session = injector.get(SESSION);
    const waiting = record(session.refresh$);
    injector.destroy();
    const outcome = await waiting.outcome;
    expect(outcome.kind === 'error' && outcome.error).toBeInstanceOf(SessionChangedError);
    expect(() => session.signIn({ accessToken: 'late' })).toThrow(InvalidInputError);
  });

  it('provides further sessions under tokens of their own, with tokens of their own kind', () => {
    interface AppTokens extends TokenSet {
      readonly user: string;
    }
    const OTHER = new InjectionToken<Session<AppTokens>>('other');
    const injector = app([
      provideSession({ refresh }),
      provideSession<AppTokens>({ refresh: () => [{ accessToken: 'access', user: 'ada' }] }, { provide: OTHER }),
    ]);
    expect(injector.get(OTHER)).not.toBe(injector.get(SESSION));
  });

  it('refuses bad options where the session is first asked for', () => {
    expect(() => app([provideSession({} as never)]).get(SESSION)).toThrow(InvalidInputError);
  });

  describe('with a factory that uses a service which has the session', () => {
    class Auth {
      readonly session = injectSession();
      readonly fresh = () => [{ accessToken: 'by the service' }];
    }

    it('throws Angular’s NG0200 for the cycle, if the factory injects the service', () => {
      const injector = app([Auth, provideSession(() => ({ refresh: inject(Auth).fresh, canRefresh: () => true }))]);
      expect(() => injector.get(SESSION)).toThrow(/NG0200/);
    });

    it('refreshes by the service, if the factory looks it up when it is used', () => {
      const injector = app([
        Auth,
        provideSession(() => {
          const injector = inject(Injector);
          return { refresh: () => injector.get(Auth).fresh(), canRefresh: () => true };
        }),
      ]);
      const { events } = record(injector.get(SESSION).refresh$);
      expect(events).toMatchObject([{ value: { accessToken: 'by the service' } }, { kind: 'complete' }]);
    });
  });

  it('is asked for by name, and says who provides it when nobody does', () => {
    expect(() => app([]).get(SESSION)).toThrow(/sluice SESSION, which provideSession\(\) provides/);
  });
});

describe('injectSessionState', () => {
  it('is what the session is now, from the first read on, with no change detection to wait for', async () => {
    let state: (() => SessionState) | undefined;
    let session: Session | undefined;
    app([
      provideSession({ refresh }),
      provideEnvironmentInitializer(() => {
        state = injectSessionState();
        session = injectSession();
      }),
    ]);
    expect(state?.()).toMatchObject({ status: 'signed-out', tokens: null });
    await session?.signIn({ accessToken: 'ada' });
    expect(state?.().tokens).toEqual({ accessToken: 'ada' });
    await session?.signOut();
    expect(state?.()).toMatchObject({ tokens: null, reason: 'sign-out' });
  });

  it('is of the session under the token that it is given', async () => {
    const OTHER = new InjectionToken<Session>('other');
    let state: (() => SessionState) | undefined;
    const injector = app([
      provideSession({ refresh }),
      provideSession({ refresh }, { provide: OTHER }),
      provideEnvironmentInitializer(() => {
        state = injectSessionState(OTHER);
      }),
    ]);
    await injector.get(SESSION).signIn({ accessToken: 'ada' });
    expect(state?.().tokens).toBeNull();
    await injector.get(OTHER).signIn({ accessToken: 'bob' });
    expect(state?.().tokens).toEqual({ accessToken: 'bob' });
  });

  it('ends with its injector: the session keeps no listener', () => {
    const session = app([provideSession({ refresh })]).get(SESSION);
    let listeners = 0;
    const counted$ = new Observable<SessionState>((subscriber) => {
      listeners += 1;
      subscriber.add(() => (listeners -= 1));
      subscriber.next(session.state);
    });
    const child = app([
      { provide: SESSION, useValue: { ...session, state$: counted$ } },
      provideEnvironmentInitializer(() => injectSessionState()),
    ]);
    expect(listeners).toBe(1);
    child.destroy();
    expect(listeners).toBe(0);
  });
});
