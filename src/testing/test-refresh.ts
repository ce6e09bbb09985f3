import { AsyncSubject, type Observable } from 'rxjs';
import { type RefreshContext, SessionExpiredError, type TokenSet } from '../session/index.ts';

/** One call of a session's `refresh`, which the test settles. */
export interface TestRefresh<T extends TokenSet = TokenSet> {
  /** The tokens that are to be replaced. */
  readonly tokens: T | null;
  /** Why the session refreshes. */
  readonly reason: RefreshContext['reason'];
  /** Whether the refresh still waits for `succeed()` or `fail()`. */
  readonly pending: boolean;
  /** Whether the session has ended the refresh before the test did: somebody signed in or out, or the refresh took too long. */
  readonly cancelled: boolean;
  /**
   * Ends the refresh with these tokens; the session has them when this call returns.
   *
   * @param tokens - by default the replaced ones with a new access token and refresh token, and an expiry an hour ahead if they have one
   * @throws Error if the refresh is not pending
   */
  succeed(tokens?: T): void;
  /**
   * Ends the refresh with an error, which has the same effect on the session as in production: by `classifyRefreshError`, it means a
   * refused refresh, which signs the session out, or a failed one, after which the session keeps its tokens.
   *
   * @param error - by default a `SessionExpiredError`, which means a refused refresh
   * @throws Error if the refresh is not pending
   */
  fail(error?: unknown): void;
}

/** Everything is private, because test runners print the own properties of what they compare, and these hold tokens. */
export class PendingRefresh<T extends TokenSet> implements TestRefresh<T> {
  readonly #tokens: T | null;
  readonly #context: RefreshContext;
  readonly #next: () => T;
  readonly #result$ = new AsyncSubject<T>();
  #isSettled = false;

  /** @param next - makes the tokens of a call `succeed()` without tokens */
  constructor(tokens: T | null, context: RefreshContext, next: () => T) {
    this.#tokens = tokens;
    this.#context = context;
    this.#next = next;
  }

  get tokens(): T | null {
    return this.#tokens;
  }
  get reason(): RefreshContext['reason'] {
    return this.#context.reason;
  }
  get pending(): boolean {
    return !this.#isSettled && !this.#context.signal.aborted;
  }
  get cancelled(): boolean {
    return !this.#isSettled && this.#context.signal.aborted;
  }
  /** What `refresh` returns. */
  get result$(): Observable<T> {
    return this.#result$;
  }

  succeed(tokens: T = this.#next()): void {
    this.#settle();
    this.#result$.next(tokens);
    this.#result$.complete();
  }
  fail(error: unknown = new SessionExpiredError()): void {
    this.#settle();
    this.#result$.error(error);
  }

  #settle(): void {
    if (!this.pending)
      throw new Error(
        `This refresh is not pending: ${this.cancelled ? 'the session has cancelled it' : 'it has been settled already'}.`,
      );
    this.#isSettled = true;
  }
}
