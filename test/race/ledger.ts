import type { RefreshReason, TokenSet } from 'sluice/session';

/** How long an access token lives. */
export const LIFETIME_MS = 50_000;

/** One send of a request, as the server got it. */
export interface Send {
  readonly request: Request;
  readonly token: string | null;
  readonly respond: (status: number) => void;
  status: number | null;
  /** The client hung up before the answer. */
  aborted: boolean;
}

export interface Request {
  readonly index: number;
  /** The sign-in that it was made for, if any. */
  readonly family: string | null;
  readonly sends: Send[];
  readonly outcomes: string[];
  unsubscribed: boolean;
  /** Refreshes that began while its 401 was given. */
  caused: number;
  /** 401s of the token that was current then: each asks for a refresh. */
  asked: number;
}

/** One run of the app's `refresh`. */
export interface Refresh {
  readonly presented: string;
  readonly token: string | null;
  readonly reason: RefreshReason;
  /** The token was dead when it began: rejected, or by the clock. */
  readonly isForDeadToken: boolean;
  end: 'ok' | 'refused' | 'unavailable' | 'ended' | null;
}

/** What the server, the store and the subscribers saw, and what was wrong about it the moment it happened. */
export class Ledger {
  readonly requests: Request[] = [];
  readonly refreshes: Refresh[] = [];
  readonly faults: string[] = [];
  /** Then the session goes on in memory. */
  storeHasFailed = false;
  readonly #dead = new Set<string>();
  readonly #families = new Map<string, string>();
  readonly #expiry = new Map<string, number>();
  /** When the last refresh ended, and what a refresh right after it would be about. */
  #last: { readonly at: number; token: string | null } | null = null;
  readonly #now: () => number;
  #answering: Send | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  issued({ accessToken, expiresAt }: TokenSet, family: string): void {
    this.#families.set(accessToken, family);
    this.#expiry.set(accessToken, expiresAt ?? Infinity);
  }
  /** Notes what a refresh gives. */
  gives(tokens: TokenSet): TokenSet {
    this.#last = { at: this.#now(), token: tokens.accessToken };
    return tokens;
  }
  /** Whether the last refresh was about this token, or made it, less than `minRefreshIntervalMs` ago. */
  isRecent(token: string | null): boolean {
    return this.#last !== null && this.#last.token === token && this.#now() - this.#last.at < 1000;
  }
  familyOf(token: string | null | undefined): string | null {
    return this.#families.get(token ?? '') ?? null;
  }
  isDead(token: string): boolean {
    return this.#dead.has(token) || this.isExpired(token);
  }
  isExpired(token: string): boolean {
    return this.#now() >= (this.#expiry.get(token) ?? Infinity);
  }
  /** Dead on arrival, by this clock: then the clock may be what is wrong, and only the server can tell. */
  arrived(tokens: TokenSet | null): void {
    if (tokens && this.isExpired(tokens.accessToken)) this.#expiry.delete(tokens.accessToken);
  }
  /** The server rejects it from now on. */
  kills(token: string): void {
    this.#dead.add(token);
  }
  get running(): Refresh[] {
    return this.refreshes.filter(({ end }) => end === null);
  }
  get inFlight(): Send[] {
    return this.requests.flatMap(({ sends }) => sends).filter(({ status, aborted }) => status === null && !aborted);
  }

  requested(tokens: TokenSet | null): Request {
    const family = this.familyOf(tokens?.accessToken);
    const request: Request = {
      index: this.requests.length,
      family,
      sends: [],
      outcomes: [],
      unsubscribed: false,
      caused: 0,
      asked: 0,
    };
    this.requests.push(request);
    return request;
  }

  sent(request: Request, token: string | null, isStored: boolean, respond: (status: number) => void): Send {
    const who = `request ${request.index}`;
    const fault = (rule: number, what: string): void => void this.faults.push(`rule ${rule}: ${who} ${what}`);
    for (const refresh of this.running)
      if (refresh.isForDeadToken && refresh.token === token)
        fault(3, 'went out while its dead token was being refreshed');
    if (request.unsubscribed) fault(6, 'went out after its subscriber had left');
    if (request.outcomes.length > 0) fault(4, 'went out after its outcome');
    if (request.sends.length === 3) fault(5, 'went out a fourth time');
    if (this.familyOf(token) !== request.family && token !== null)
      fault(8, 'went out with the token of another sign-in');
    if (request.sends.length > 0 && !isStored && !this.storeHasFailed && this.refreshes.some(({ end }) => end === 'ok'))
      fault(10, 'went out again before its token was stored');
    if (token !== null && this.isExpired(token)) fault(14, 'went out with a token that was dead by the clock');
    const last = request.sends.at(-1);
    if (last?.token === token) fault(2, 'went out again with the token that had been rejected');
    const send: Send = { request, token, respond, status: null, aborted: false };
    request.sends.push(send);
    return send;
  }
  left(send: Send): void {
    if (send.status === null) send.aborted = true;
  }
  answer(send: Send): void {
    send.status = send.token === null || this.isDead(send.token) ? 401 : 200;
    this.#answering = send;
    send.respond(send.status);
    this.#answering = null;
  }
  outcome(request: Request, kind: string, error?: unknown): void {
    const name = (error as { name?: string; status?: number } | undefined)?.name;
    request.outcomes.push(name ?? kind);
    if (request.outcomes.length > 1)
      this.faults.push(`rule 4: request ${request.index} got ${request.outcomes.join()}`);
    if (request.unsubscribed)
      this.faults.push(`rule 6: request ${request.index} got ${kind} after its subscriber had left`);
  }
  unsubscribing(index: number): void {
    this.requests[index]!.unsubscribed = true;
  }

  refreshStarted(current: TokenSet | null, reason: RefreshReason): (end: NonNullable<Refresh['end']>) => void {
    const presented = current?.refreshToken ?? '';
    const token = current?.accessToken ?? null;
    const send = this.#answering;
    if (this.running.length > 0) this.faults.push('rule 1: two refreshes at a time');
    if (
      this.refreshes.some(
        (former) => former.presented === presented && (former.end === 'ok' || former.end === 'refused'),
      )
    )
      this.faults.push('rule 1: a refresh token was presented again');
    if (this.isRecent(token)) this.faults.push('rule 5: a token was refreshed again within a second');
    if (reason === 'unauthorized' && send) {
      send.request.caused += 1;
      if (send.token !== token) this.faults.push('rule 2: a 401 of an older token began a refresh');
      if (send.request.caused > 1) this.faults.push(`rule 5: request ${send.request.index} began two refreshes`);
      if (send.request.family !== this.familyOf(token))
        this.faults.push('rule 8: a 401 of another sign-in began a refresh');
    }
    const isForDeadToken = reason === 'unauthorized' || (token !== null && this.isExpired(token));
    const refresh: Refresh = { presented, token, reason, isForDeadToken, end: null };
    this.refreshes.push(refresh);
    return (end) => {
      if (refresh.end === null && end !== 'ok') this.#last = { at: this.#now(), token };
      refresh.end ??= end;
    };
  }
}
