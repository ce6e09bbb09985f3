import type { RefreshReason, TokenSet } from 'sluice/session';
import type { Server } from './server.ts';

/** What the ledger reads from the holder that sends or refreshes. */
export interface Sender {
  readonly index: number;
  /** Somebody was signed in here, and that has ended: only `signIn` and `refresh$` start a session again. */
  readonly hasEnded: boolean;
  /**
   * A refresh of this token, or one that made it, ended here less than `minRefreshIntervalMs` ago, as far as this
   * clock shows.
   */
  mayBeRecent(token: string | null): boolean;
  /** The same, by any clock. */
  isRecent(token: string | null): boolean;
  /** The token seemed expired when it arrived, so that its expiry is not used: the clock may be wrong. */
  distrustsExpiryOf(token: string): boolean;
}

/** One send of a request, as the server received it. */
export interface Send {
  readonly request: Request;
  readonly token: string | null;
  readonly respond: (status: number) => void;
  status: number | null;
  /** The client aborted before the response. */
  aborted: boolean;
}

export interface Request {
  readonly index: number;
  readonly holder: number;
  /** The sign-in that it was made for, if any. */
  family: string | null;
  readonly sends: Send[];
  readonly outcomes: string[];
  unsubscribed: boolean;
  /** Refreshes that began while its 401 was delivered. */
  readonly caused: Refresh[];
  /** 401s to the token that was current then: each causes a refresh. */
  asked: number;
}

/** One call of the app's `refresh`. */
export interface Refresh {
  readonly holder: number;
  readonly presented: string;
  readonly token: string | null;
  readonly reason: RefreshReason;
  /** `ended`: aborted, by a timeout or a change of owner. The server's response is then unknown. */
  end: 'ok' | 'refused' | 'unavailable' | 'ended' | null;
  /** The access token that it brought. */
  given: string | null;
  /** The app had brought another refresh token by then, so that its result is dropped. */
  isSuperseded: boolean;
  /** The machine has slept since it began. */
  hasSlept: boolean;
}

/** What the server and the subscribers saw, and which rules were broken at that moment. */
export class Ledger {
  readonly requests: Request[] = [];
  readonly refreshes: Refresh[] = [];
  readonly faults: string[] = [];
  /**
   * How often something happened that may start a refresh: a request, a 401, a subscription to `refresh$`, a change
   * of the time.
   */
  causes = 0;
  /**
   * The store has failed, so that its content is unknown. A session with a store of its own then continues in memory.
   */
  storeHasFailed = false;
  /** How often a sign-in has ended; what a cookie restores in between is one. */
  endings = 0;
  readonly isShared: boolean;
  readonly #server: Server;
  /** Access tokens that the store contains or contained. */
  readonly #stored = new Set<string>();
  /** Access tokens from a refresh, which must be stored before they are used. */
  readonly #given = new Set<string>();
  readonly #owners = new Map<string, string>();
  #answering: Send | null = null;

  constructor(server: Server, isShared: boolean) {
    this.#server = server;
    this.isShared = isShared;
  }

  fault(rule: number, what: string): void {
    this.faults.push(`rule ${rule}: ${what}`);
  }
  get running(): Refresh[] {
    return this.refreshes.filter(({ end }) => end === null);
  }
  get inFlight(): Send[] {
    return this.requests.flatMap(({ sends }) => sends).filter(({ status, aborted }) => status === null && !aborted);
  }
  get restoredFamily(): string {
    return `restored after ${this.endings}`;
  }
  stored(accessToken: string | undefined): void {
    if (accessToken !== undefined) this.#stored.add(accessToken);
  }
  isStored(accessToken: string | null): boolean {
    return this.#stored.has(accessToken ?? '');
  }
  /** Notes that tokens belong to this owner. One sign-in has one owner, in all holders and in the store. */
  named(owner: string | null, family: string | null): void {
    if (owner === null || family === null) return;
    for (const [a, b] of [
      [`owner ${owner}`, family],
      [`family ${family}`, owner],
    ] as const) {
      if ((this.#owners.get(a) ?? b) !== b) this.fault(8, `${family} goes by the name of another sign-in`);
      this.#owners.set(a, b);
    }
  }

  requested(holder: number, family: string | null): Request {
    const index = this.requests.length;
    const request = { index, holder, family, sends: [], outcomes: [], unsubscribed: false, caused: [], asked: 0 };
    this.requests.push(request);
    this.causes += 1;
    return request;
  }
  /** Requests that were made while it was unknown who is signed in belong to the sign-in that has been restored. */
  restored(holder: number, family: string | null, since: number): void {
    for (const request of this.requests.slice(since)) if (request.holder === holder) request.family ??= family;
  }

  sent(sender: Sender, request: Request, token: string | null, respond: (status: number) => void): Send {
    const server = this.#server;
    const is = (rule: number, what: string, wrong: boolean): void => {
      if (wrong) this.fault(rule, `request ${request.index} ${what}`);
    };
    const last = request.sends.at(-1);
    const isExpired = token !== null && server.isExpired(token) && !sender.distrustsExpiryOf(token);
    for (const refresh of this.running)
      if (refresh.holder === sender.index && refresh.token === token)
        is(3, 'went out while its dead token was being refreshed', refresh.reason === 'unauthorized' || isExpired);
    is(6, 'went out after its subscriber had left', request.unsubscribed);
    is(4, 'went out after its outcome', request.outcomes.length > 0);
    is(5, 'went out a fourth time', request.sends.length === 3);
    is(8, 'went out with the token of another sign-in', token !== null && server.familyOf(token) !== request.family);
    is(
      10,
      'went out before its token was stored',
      (this.isShared || !this.storeHasFailed) && this.#given.has(token ?? '') && !this.isStored(token),
    );
    is(14, 'went out with a token that was dead by the clock', isExpired && !sender.mayBeRecent(token));
    is(2, 'went out again with the token that had been rejected', last?.token === token);
    const send: Send = { request, token, respond, status: null, aborted: false };
    request.sends.push(send);
    return send;
  }
  left(send: Send): void {
    if (send.status === null) send.aborted = true;
  }
  answer(send: Send): void {
    send.status = this.#server.accepts(send.token) ? 200 : 401;
    if (send.status === 401) this.causes += 1;
    this.#answering = send;
    send.respond(send.status);
    this.#answering = null;
  }
  outcome(request: Request, kind: string, error?: unknown): void {
    const name = (error as { name?: string } | undefined)?.name;
    request.outcomes.push(name ?? kind);
    if (request.outcomes.length > 1) this.fault(4, `request ${request.index} got ${request.outcomes.join()}`);
    if (request.unsubscribed) this.fault(6, `request ${request.index} got ${kind} after its subscriber had left`);
  }

  refreshStarted(sender: Sender, current: TokenSet | null, reason: RefreshReason): Refresh {
    const token = current?.accessToken ?? null;
    const presented = current?.refreshToken ?? '';
    const is = (rule: number, what: string, wrong: boolean): void => {
      if (wrong) this.fault(rule, what);
    };
    const { index } = sender;
    is(
      1,
      'two refreshes at a time',
      this.running.some(({ holder }) => holder === index),
    );
    is(
      1,
      'a refresh token was presented again',
      this.refreshes.some((former) => former.presented === presented && this.#isSpent(former, index)),
    );
    is(
      5,
      'a token was refreshed again within a second',
      reason !== 'requested' && token !== null && sender.isRecent(token),
    );
    is(16, 'a session was started again after it had ended', reason !== 'requested' && !current && sender.hasEnded);
    const refresh: Refresh = {
      holder: index,
      presented,
      token,
      reason,
      end: null,
      given: null,
      isSuperseded: false,
      hasSlept: false,
    };
    this.refreshes.push(refresh);
    const send = this.#answering;
    if (reason === 'unauthorized' && send?.request.holder === index) {
      const { request } = send;
      is(2, 'a 401 of an older token began a refresh', send.token !== token && token !== null);
      // A failed refresh may have been followed by tokens from elsewhere.
      is(
        5,
        `request ${request.index} began two refreshes`,
        request.caused.some(({ end }) => end === 'ok'),
      );
      request.caused.push(refresh);
      is(8, 'a 401 of another sign-in began a refresh', request.family !== this.#server.familyOf(token));
    }
    return refresh;
  }
  /** Notes the outcome of a refresh. */
  refreshGave(refresh: Refresh, accessToken: string, isLate: boolean): void {
    refresh.given = accessToken;
    // A late result is current at once, like the tokens of `update`.
    if (!isLate) this.#given.add(accessToken);
  }

  /** Whether a refresh token has been exchanged for a new one, and a living holder or the store has the new one. */
  isExchanged(refreshToken: string | undefined, isAlive: (holder: number) => boolean): boolean {
    return this.refreshes.some(
      ({ presented, end, holder, given, isSuperseded }) =>
        presented === refreshToken && end === 'ok' && !isSuperseded && (isAlive(holder) || this.isStored(given)),
    );
  }

  /** Whether a holder knows the outcome of an earlier refresh: it was its own, or it is in the store. */
  #isSpent({ presented, holder, end, given }: Refresh, index: number): boolean {
    if (presented === '') return false;
    if (end === 'refused') return holder === index;
    return end === 'ok' && (holder === index || this.isStored(given));
  }
}
