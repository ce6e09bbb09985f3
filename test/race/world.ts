import { Observable, Subject, type Subscription } from 'rxjs';
import type { Session, TokenSet, TokenStore } from 'sluice/session';
import type { Clock } from './clock.ts';
import { Ledger, LIFETIME_MS, type Request, type Send } from './ledger.ts';
import type { Sluice } from './sluice.ts';

/** What RxJS adds to a thenable: a handler of last resort. */
const never = new Promise<never>(() => undefined);

/** How a refresh is answered. `hang` is no answer at all. */
export type RefreshAnswer = 'ok' | 'refused' | 'unavailable';

/** How requests are made in a world. */
export type Way = (world: World, sluice: Sluice) => (request: Request) => Observable<unknown>;

/** What a world is like. */
export interface Conditions {
  /** Writes to the store wait for their event. */
  readonly isStoreSlow: boolean;
  /** The store has a lock, which is granted when its event comes. */
  readonly isStoreLocked: boolean;
  readonly way: Way;
}

/** A session and its requests over a server, a store and a clock that do nothing by themselves. */
export class World {
  readonly ledger: Ledger;
  readonly session: Session;
  readonly subscriptions: Subscription[] = [];
  isDisposed = false;
  #store: TokenSet | null = null;
  /** What the session can know of it: its own last write, what it was told, what it found. */
  #known: TokenSet | null = null;
  /** What of that is there for sure. */
  #stored: string | undefined;
  readonly #changes$ = new Subject<TokenSet | null>();
  #writes: (() => void)[] = [];
  /** Who waits for the lock. */
  #locks: (() => void)[] = [];
  readonly #ask: (request: Request) => Observable<unknown>;
  readonly #clock: Clock;
  #issued = 0;
  #answer: ((answer: RefreshAnswer) => void) | null = null;

  constructor(sluice: Sluice, clock: Clock, { isStoreSlow, isStoreLocked, way }: Conditions) {
    this.#clock = clock;
    this.ledger = new Ledger(() => clock.now);
    this.#store = this.issue('ada 1');
    this.#finds(this.#store);
    const store: TokenStore = {
      get: () => this.#store,
      set: (tokens) => {
        this.#store = this.#known = tokens;
        if (!isStoreSlow) {
          this.#finds(tokens);
          return undefined;
        }
        // A thenable, and no promise: what waits for it goes on when the schedule says so.
        return {
          then: (done) => {
            this.#writes.push(() => {
              if (this.#known === tokens) this.#finds(tokens);
              void done?.();
            });
            return never;
          },
        };
      },
      changes$: this.#changes$,
      ...(isStoreLocked && {
        lock: (work) => {
          this.#locks.push(() => void work().catch(() => undefined));
          return never;
        },
      }),
    };
    this.session = sluice.createSession({
      store,
      refreshRetries: false,
      refreshTimeoutMs: 100_000,
      refresh: (current, { reason }) =>
        new Observable<TokenSet>((subscriber) => {
          const end = this.ledger.refreshStarted(current, reason);
          this.#answer = (answer) => {
            this.#answer = null;
            end(answer);
            if (answer === 'ok')
              subscriber.next(this.ledger.gives(this.issue(this.ledger.familyOf(current?.accessToken) ?? 'nobody')));
            else if (answer === 'refused') subscriber.error({ status: 400, data: { error: 'invalid_grant' } });
            else subscriber.error({ status: 503 });
          };
          return () => {
            this.#answer = null;
            end('ended');
          };
        }),
    });
    this.#ask = way(this, sluice);
    this.session.events$.subscribe(({ type }) => {
      if (type === 'store-failed') this.ledger.storeHasFailed = true;
      if (type !== 'tokens-adopted') return;
      this.#finds(this.session.state.tokens);
      this.ledger.arrived(this.session.state.tokens);
    });
  }

  #finds(tokens: TokenSet | null): void {
    this.#known = tokens;
    this.#stored = tokens?.accessToken;
  }

  /** New tokens of a sign-in: `family` is whose, and which one. */
  issue(family: string): TokenSet {
    const n = (this.#issued += 1);
    const tokens = {
      accessToken: `access ${n}`,
      refreshToken: `refresh ${n}`,
      expiresAt: this.#clock.now + LIFETIME_MS,
    };
    this.ledger.issued(tokens, family);
    return tokens;
  }

  get isRefreshing(): boolean {
    return this.#answer !== null;
  }
  get isLocked(): boolean {
    return this.#locks.length > 0;
  }
  get isWriting(): boolean {
    return this.#writes.length > 0;
  }

  request(): void {
    const { ledger, session } = this;
    const request = ledger.requested(session.state.tokens);
    this.subscriptions.push(
      this.#ask(request).subscribe({
        next: () => ledger.outcome(request, 'value'),
        error: (error: unknown) => ledger.outcome(request, 'error', error),
      }),
    );
  }
  /** One send, with the token that it carries. Answered when the schedule says so; leaving hangs up. */
  wire(request: Request, token: string | null): Observable<number> {
    return new Observable((subscriber) => {
      const send = this.ledger.sent(request, token, this.#stored === (token ?? undefined), (status) => {
        subscriber.next(status);
        subscriber.complete();
      });
      return () => {
        this.ledger.left(send);
      };
    });
  }

  unsubscribe(index: number): void {
    this.ledger.unsubscribing(index);
    this.subscriptions[index]?.unsubscribe();
  }
  respond(send: Send): void {
    this.ledger.answer(send);
  }
  refreshEnds(answer: RefreshAnswer): void {
    this.#answer?.(answer);
  }
  storeWrites(): void {
    const writes = this.#writes;
    this.#writes = [];
    for (const done of writes) done();
  }
  /** Whoever had the lock has let it go. */
  grant(): void {
    this.#locks.shift()?.();
  }
  signIn(family: string): void {
    void this.session.signIn(this.issue(family));
  }
  /** Another holder of the store refreshed, or signed out. */
  elsewhere(tokens: TokenSet | null, isTold = true): void {
    this.#store = tokens;
    if (!isTold) return;
    this.#finds(tokens);
    this.#changes$.next(tokens);
  }
  dispose(): void {
    this.isDisposed = true;
    this.session.dispose();
  }
  pass(ms: number): void {
    this.#clock.pass(ms);
  }
}
