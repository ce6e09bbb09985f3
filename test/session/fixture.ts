import {
  type Cell,
  createSession,
  memoryCell,
  memoryStore,
  retryOnUnauthorized,
  type Session,
  type SessionOptions,
  type SessionState,
  sharedStore,
  type SharedStore,
  type SharedStoreOptions,
  type StoredSession,
  type TokenSet,
  type TokenStore,
} from 'sluice/session';
import { defer, from, map, of, Subject, throwError, timer, type Observable, type ObservableInput } from 'rxjs';
import { expect, vi, type Mock } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { withoutFigures } from '../support/without-figures.ts';

/** Words that occur nowhere else, so that a search for them finds only leaks. */
export const tokensOf = (n: number | string, more: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  ...more,
});

/** An error as an HTTP client throws it. */
export const answer = (status: number, headers: Record<string, string> = {}, data?: unknown): Error =>
  Object.assign(new Error(`answered ${status}`), { status, headers, data });
export const unauthorized = answer(401);
export const refusal = answer(400, {}, { error: 'invalid_grant' });

export interface Setup {
  readonly session: Session;
  /** The app's `refresh`; by default it gives the tokens 2, 3, 4 … synchronously. */
  readonly refresh: Mock<SessionOptions['refresh']>;
  readonly store: TokenStore;
  /** The events without times and durations. */
  readonly events: { readonly type: string }[];
  readonly states: SessionState[];
  /** The types of the events, with their distinguishing fields. */
  story(): string[];
}

/** A session with the tokens 1 (or `initial`) and a record of its events. */
export function setUp({
  initial = tokensOf(1),
  ...options
}: Partial<SessionOptions> & { initial?: TokenSet | null } = {}): Setup {
  let n = 1;
  const refresh = vi.fn<SessionOptions['refresh']>(options.refresh ?? (() => of(tokensOf(++n))));
  const store = options.store && 'get' in options.store ? options.store : memoryStore(initial);
  const session = createSession({ ...options, refresh, store: options.store ?? store });
  const events: ReturnType<typeof withoutFigures>[] = [];
  const states: SessionState[] = [];
  session.events$.subscribe((event) => {
    events.push(withoutFigures(event));
    expectNoToken(event, ['access-', 'refresh-1', 'refresh-2']);
  });
  session.state$.subscribe((state) => states.push(state));
  return { session, refresh, store, events, states, story: () => events.map(told) };
}

export function told({ type, ...rest }: { readonly type: string }): string {
  return [type, ...Object.values(rest).map(String)].join(' ');
}

export interface Api {
  /** The access token of each request that was sent. */
  readonly sent: (string | undefined)[];
  /** A request. Cold. */
  readonly get$: Observable<string>;
}

/** An API that accepts only some tokens, and answers with the token that it was given. */
export function apiOf(
  session: Session,
  respond: (token: string | undefined, nth: number) => ObservableInput<string>,
): Api {
  const sent: (string | undefined)[] = [];
  const get$ = defer(() => {
    const token = session.state.tokens?.accessToken;
    sent.push(token);
    return from(respond(token, sent.length));
  }).pipe(retryOnUnauthorized(session));
  return { sent, get$ };
}

/** Answers synchronously with a 401 unless the token is one of these. */
export const accepting =
  (...good: string[]) =>
  (token: string | undefined): Observable<string> =>
    token !== undefined && good.includes(token) ? of(token) : throwError(() => unauthorized);

/** Tokens that come after `ms` of virtual time. */
export const after = (ms: number, tokens: TokenSet = tokensOf(2)): Observable<TokenSet> =>
  timer(ms).pipe(map(() => tokens));

/** An error that comes after `ms` of virtual time. */
export const late = (ms: number, error: unknown = unauthorized): Observable<never> =>
  timer(ms).pipe(
    map(() => {
      throw error;
    }),
  );

/** The error of requests that waited when the owner changed. */
export const changed: unknown = expect.objectContaining({ name: 'SessionChangedError' });

/** A shared store that another holder writes to; the session under test gets the news, unless `silently`. */
export interface SharedFixture {
  readonly store: SharedStore;
  /** The content of the record. */
  readonly record: () => StoredSession | null;
  /** The other holder has refreshed or signed out, which ends a refresh of the session under test. */
  write(tokens: TokenSet | null, silently?: boolean): void;
  /** The other holder's app has called `update()`, which ends no refresh. */
  updateElsewhere(tokens: TokenSet, silently?: boolean): void;
  /** The other holder begins to refresh, or gives that up. */
  lease(isHeld: boolean): void;
  /** Another person signs in at the other holder. */
  signInElsewhere(tokens: TokenSet, silently?: boolean): void;
  /** Emits news, whether or not anything has changed. */
  tell(): void;
  /** While this is set, the cell returns it instead of the record. */
  garbage: unknown;
  /** Ends the news with an error. */
  failNews(error: Error): void;
}

/** The sign-in of `shared()`. */
export const ADA = 'ada';

export function shared(initial: TokenSet | null = tokensOf(1), options?: SharedStoreOptions): SharedFixture {
  const news$ = new Subject<void>();
  const inner = memoryCell<StoredSession>(
    initial && { schema: 1, version: 1, owner: ADA, generation: 1, tokens: JSON.stringify(initial), by: 'other.1' },
  );
  const current = (): StoredSession | null => inner.read() as StoredSession | null;
  const cell: Cell<StoredSession> = {
    read: () => (fixture.garbage ?? current()) as StoredSession | null,
    swap: inner.swap,
    news$,
  };
  const replace = (change: Partial<StoredSession>, tokens: TokenSet | null, silently: boolean): void => {
    const { version = 0, generation = 0 } = current() ?? {};
    const text = tokens && JSON.stringify(tokens);
    const next = { schema: 1, version: version + 1, generation: generation + 1, owner: null, tokens: text } as const;
    void inner.swap(version, { ...next, by: `other.${version + 1}`, ...change });
    if (!silently) news$.next();
  };
  const fixture: SharedFixture = {
    store: sharedStore(cell, options),
    record: current,
    write(tokens, silently = false) {
      const { owner } = current() ?? {};
      replace(
        tokens ? { owner: owner ?? ADA, ...(owner && { refreshed: true }) } : { reason: 'sign-out' },
        tokens,
        silently,
      );
    },
    updateElsewhere(tokens, silently = false) {
      const { owner = ADA, lease } = current() ?? {};
      replace({ owner, ...(lease && { lease }) }, tokens, silently);
    },
    lease(isHeld) {
      const { version = 0, lease: _lease, ...rest } = current() ?? {};
      const lease = { by: 'other', forMs: 15_000 };
      void inner.swap(version, { ...(rest as StoredSession), version: version + 1, ...(isHeld && { lease }) });
      news$.next();
    },
    signInElsewhere(tokens, silently = false) {
      replace({ owner: `another ${tokens.accessToken}` }, tokens, silently);
    },
    tell: () => {
      news$.next();
    },
    garbage: undefined,
    failNews: (error) => {
      news$.error(error);
    },
  };
  return fixture;
}

/** Runs a function at a moment of virtual time. */
export function at(ms: number, work: () => unknown): void {
  timer(ms).subscribe(work);
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise to settle by hand. */
export function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve'];
  let reject!: Deferred<T>['reject'];
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Lets everything run that waits only for promises. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface SlowStore extends TokenStore {
  /** Its content, and the writes in the order in which they took effect. */
  readonly writes: (string | null)[];
  held: TokenSet | null;
}

/**
 * A store that answers after `ms` of virtual time. It returns thenables, because promises do not wait for virtual
 * time.
 */
export function slowStore(ms: number, initial: TokenSet | null = null): SlowStore {
  const later = <R>(work: () => R): PromiseLike<R> => ({
    // Nothing uses the return value: RxJS only adds a last handler.
    then: (done) => {
      timer(ms).subscribe(() => void done?.(work()));
      return new Promise<never>(() => {});
    },
  });
  const store: SlowStore = {
    writes: [],
    held: initial,
    get: () => later(() => store.held),
    set: (tokens) =>
      later(() => {
        store.held = tokens;
        store.writes.push(tokens?.accessToken ?? null);
      }),
  };
  return store;
}
