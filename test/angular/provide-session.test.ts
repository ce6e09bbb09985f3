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
  it('takes options, or a factory of options that can inject', () => {
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

  it('makes one session for each application, when it is first injected', () => {
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

  it('disposes of the session with its injector, and waiting requests fail', async () => {
    const injector = app([provideSession({ refresh: () => NEVER, canRefresh: () => true })]);
    const session = injector.get(SESSION);
    const waiting = record(session.refresh$);
    injector.destroy();
    const outcome = await waiting.outcome;
    expect(outcome.kind === 'error' && outcome.error).toBeInstanceOf(SessionChangedError);
    expect(() => session.signIn({ accessToken: 'late' })).toThrow(InvalidInputError);
  });

  it('provides further sessions under their own tokens, with their own type of token set', () => {
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

  it('throws for bad options where the session is first injected', () => {
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

  it('is named by the error of an application that injects SESSION without a provider', () => {
    expect(() => app([]).get(SESSION)).toThrow(/sluice SESSION, which provideSession\(\) provides/);
  });
});

describe('injectSessionState', () => {
  it('is the current state from the first read, without waiting for change detection', async () => {
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

  it('follows the session whose injection token it is given', async () => {
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

  it('removes its listener from the session when its injector is destroyed', () => {
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
