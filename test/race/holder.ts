import type { RefreshReason, Session, SessionEvent, SessionOptions, TokenSet } from 'sluice/session';
import { Observable, type ObservableInput, type Subscription } from 'rxjs';
import { type Answerable, answerableObservable, answerablePromise } from './answerable.ts';
import type { Clock } from './clock.ts';
import type { Ledger, Refresh, Request, Sender } from './ledger.ts';
import type { RaceStore } from './race-store.ts';
import type { Server } from './server.ts';
import type { Sluice } from './sluice.ts';

/** How the server responds to a refresh. */
export type RefreshAnswer = 'ok' | 'refused' | 'unavailable';

/** How a holder makes requests. */
export type Way = (holder: Holder, sluice: Sluice) => (request: Request) => Observable<unknown>;

export interface HolderOptions {
  readonly way: Way;
  /** A cookie session: a refresh may always succeed, and script never sees the refresh token. */
  readonly isCookie: boolean;
  /** `refresh` returns a promise, which may still be answered after the refresh has been aborted. */
  readonly answersLate: boolean;
}

/** What all holders of a world share. */
export interface Surroundings {
  readonly sluice: Sluice;
  readonly clock: Clock;
  readonly server: Server;
  readonly ledger: Ledger;
  readonly store: RaceStore;
}

/** One call of `refresh`, and a way to answer it. */
interface Answering extends Answerable {
  readonly refresh: Refresh;
}

/** When something happened to a token, by the shown clock, and how often that clock had been set. */
interface Moment {
  readonly token: string | null;
  readonly now: number;
  readonly jumps: number;
}

const MIN_REFRESH_INTERVAL_MS = 1000;

/** A session, its requests, and what can be known about it from outside. */
export class Holder implements Sender {
  readonly index: number;
  readonly session: Session;
  readonly subscriptions: Subscription[] = [];
  hasEnded = false;
  isDisposed = false;
  /** Owners that this holder had before. */
  readonly left = new Set<string>();
  /** Sign-ins whose refresh was refused here. */
  readonly refused = new Set<string>();
  /** A token that must not stay current when the store has been written, because its refresh was refused. */
  refusedToken: string | null = null;
  /** Requests before this one were made for a former owner. */
  #since = 0;
  /** The last refresh that ended here. */
  #last: Moment | null = null;
  /** The last tokens of another holder that arrived: this one may have seen their refresh happen. */
  #seen: Moment | null = null;
  readonly #distrusted = new Set<string>();
  readonly #world: Surroundings;
  readonly #ask: (request: Request) => Observable<unknown>;
  readonly #answersLate: boolean;
  #answering: Answering | null = null;
  /** Refreshes that were aborted before their response. */
  readonly #late: Answering[] = [];

  constructor(index: number, world: Surroundings, { way, isCookie, answersLate }: HolderOptions) {
    this.index = index;
    this.#world = world;
    this.#answersLate = answersLate;
    this.session = world.sluice.createSession({
      store: world.store.of(index),
      refreshRetries: false,
      refreshTimeoutMs: 100_000,
      ...(isCookie && { canRefresh: () => true }),
      refresh: (current, { signal, reason }) => this.#refresh(current, reason, signal),
    } satisfies SessionOptions);
    this.#ask = way(this, world.sluice);
    this.session.events$.subscribe((event) => {
      this.#hear(event);
    });
  }

  get token(): string | null {
    return this.session.state.tokens?.accessToken ?? null;
  }
  get family(): string | null {
    return this.#world.server.familyOf(this.token);
  }
  get isRefreshing(): boolean {
    return this.#answering !== null;
  }
  get hasLateRefresh(): boolean {
    return this.#late.length > 0;
  }
  mayBeRecent(token: string | null): boolean {
    return this.#isRecent(this.#last, token) || this.#isRecent(this.#seen, token);
  }
  isRecent(token: string | null): boolean {
    return this.#isRecent(this.#last, token) && this.#world.clock.jumps === this.#last?.jumps;
  }
  distrustsExpiryOf(token: string): boolean {
    return this.#distrusted.has(token);
  }

  request(): void {
    const { ledger } = this.#world;
    const request = ledger.requested(this.index, this.family);
    this.subscriptions[request.index] = this.#ask(request).subscribe({
      next: () => ledger.outcome(request, 'value'),
      error: (error: unknown) => ledger.outcome(request, 'error', error),
    });
  }
  /** One send, with the token that it carries. The schedule says when it is answered; unsubscribing aborts it. */
  wire(request: Request, token: string | null): Observable<number> {
    const { ledger } = this.#world;
    return new Observable((subscriber) => {
      const send = ledger.sent(this, request, token, (status) => {
        subscriber.next(status);
        subscriber.complete();
      });
      return () => {
        ledger.left(send);
      };
    });
  }
  unsubscribe(request: Request): void {
    request.unsubscribed = true;
    this.subscriptions[request.index]?.unsubscribe();
  }

  refreshEnds(answer: RefreshAnswer): void {
    if (this.#answering) this.#end(this.#answering, answer);
  }
  lateRefreshAnswers(): void {
    const late = this.#late.shift();
    if (late) this.#end(late, 'ok');
  }
  askForRefresh(): void {
    this.#world.ledger.causes += 1;
    this.session.refresh$.subscribe({ error: () => undefined });
  }
  signIn(family: string): void {
    this.#ownerChanges();
    this.hasEnded = false;
    void this.session.signIn(this.#world.server.issue(family));
  }
  signOut(): void {
    this.#ownerChanges();
    this.hasEnded = true;
    void this.session.signOut();
  }
  update(tokens: TokenSet): void {
    this.session.update(tokens).catch(() => undefined);
  }
  dispose(): void {
    this.isDisposed = true;
    this.session.dispose();
  }

  #ownerChanges(): void {
    this.#since = this.#world.ledger.requests.length;
  }
  #hear(event: SessionEvent): void {
    const { type } = event;
    const { server, ledger } = this.#world;
    const { token, family } = this;
    if (type === 'signed-in' || type === 'signed-out') this.#ownerChanges();
    if (type === 'signed-out') this.hasEnded = true;
    if (type === 'restored' || type === 'refresh-succeeded') ledger.restored(this.index, family, this.#since);
    if (type === 'refresh-succeeded' || (type === 'refresh-failed' && event.reason !== 'session-changed'))
      this.#last = this.#now(token);
    if (type === 'tokens-adopted' && ledger.isShared) this.#seen = this.#now(token);
    if (type === 'store-failed') ledger.storeHasFailed = true;
    if (token === null) return;
    this.hasEnded = false;
    const isNew = type === 'tokens-adopted' || type === 'refresh-succeeded' || type === 'signed-in';
    if (isNew && server.isExpired(token)) this.#distrusted.add(token);
  }
  #now(token: string | null): Moment {
    const { now, jumps } = this.#world.clock;
    return { token, now, jumps };
  }
  #isRecent(moment: Moment | null, token: string | null): boolean {
    const passed = this.#world.clock.now - (moment?.now ?? -Infinity);
    return moment?.token === token && passed >= 0 && passed < MIN_REFRESH_INTERVAL_MS;
  }

  #refresh(current: TokenSet | null, reason: RefreshReason, signal: AbortSignal): ObservableInput<TokenSet> {
    const { ledger, store } = this.#world;
    if (!store.hasLease(this.index)) ledger.fault(1, 'a refresh began without the lease');
    const refresh = ledger.refreshStarted(this, current, reason);
    const ended = (): void => {
      if (this.#answering?.refresh === refresh) this.#answering = null;
      if (refresh.end !== null) return;
      refresh.end = 'ended';
      if (this.#answersLate) this.#late.push(answering);
    };
    const answering: Answering = {
      refresh,
      ...(this.#answersLate ? answerablePromise(signal, ended) : answerableObservable(ended)),
    };
    this.#answering = answering;
    return answering.input;
  }
  #end(answering: Answering, answer: RefreshAnswer): void {
    const { server, ledger } = this.#world;
    const { refresh, give, fail } = answering;
    const isLate = refresh.end !== null;
    const family = server.familyOf(refresh.token);
    if (this.#answering === answering) this.#answering = null;
    refresh.end = answer;
    if (answer === 'ok') {
      const tokens = server.issue(family ?? ledger.restoredFamily);
      refresh.isSuperseded = !isLate && (this.session.state.tokens?.refreshToken ?? '') !== refresh.presented;
      ledger.refreshGave(refresh, tokens.accessToken, isLate);
      give(tokens);
    } else if (answer === 'refused') {
      if (family !== null) this.refused.add(family);
      fail({ status: 400, data: { error: 'invalid_grant' } });
    } else fail({ status: 503 });
  }
}
