import { type AxiosAdapter, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { type Observable, Subject } from 'rxjs';
import { AxiosTarget } from '../http/internal.ts';
import { ControlledRequest } from './controlled-request.ts';
import { afterRealMs, nextTurn } from './real-time.ts';
import { matcherOf, type Matcher, type RequestMatch } from './request-match.ts';
import type { TestRequest } from './test-request.ts';
import { Waiting } from './waiting.ts';

/**
 * The server of a test client: the requests of the client wait here until the test answers them. A request that `expectOne`, `match` or
 * `next` has returned is taken, and is not returned again.
 */
export interface HttpController {
  /** The adapter by which requests arrive here: for an axios instance or a client that the code under test makes itself. */
  readonly adapter: AxiosAdapter;
  /** Emits each request when it arrives: for a test that answers by rules. A request that a subscriber answers counts as taken. */
  readonly requests$: Observable<TestRequest>;
  /**
   * Returns the one request that matches, and takes it.
   *
   * @param description - of what was expected, for the message
   * @throws Error if no request matches, or more than one. The message lists the requests that were received, by method and path, without
   * tokens and values of a query
   */
  expectOne(match: RequestMatch, description?: string): TestRequest;
  /**
   * Checks that each request that matches has been taken: returned by `next`, `expectOne` or `match`, or answered.
   *
   * @param description - of what was not expected, for the message
   * @throws Error if one has not. The message lists the requests that were received, by method and path, without tokens and values of a
   * query
   */
  expectNone(match: RequestMatch, description?: string): void;
  /** Returns all requests that match, and takes them. */
  match(match: RequestMatch): TestRequest[];
  /**
   * Checks that every request has been taken: returned by `next`, `expectOne` or `match`, or answered.
   *
   * @param options - `ignoreCancelled`: whether requests that the client has cancelled do not count; by default `false`
   * @throws Error that names the requests that have not been taken
   */
  verify(options?: { readonly ignoreCancelled?: boolean }): void;
  /**
   * Resolves with the first request that matches and is not cancelled, and takes it: at once, or when it arrives. Sluice and axios send in
   * later microtasks, and interceptors, stores and debounced code later still, so a test that looked at once would find nothing.
   *
   * Rejects with an Error that names what was received, after one second of real time (`nextTimeoutMs`): fake timers do not hold it up.
   *
   * @param match - by default any request
   */
  next(match?: RequestMatch): Promise<TestRequest>;
  /**
   * Resolves when the client has handled the answers of the test, and has read all chunks that the test has sent: some turns of the event
   * loop later, in real time, and after `nextTimeoutMs` at the latest. For code under test whose promises the test cannot await.
   */
  settled(): Promise<void>;
}

/** How many requests a message lists. */
const MOST_SHOWN = 20;

export class TestController implements HttpController {
  readonly #nextTimeoutMs: number;
  /** The names of the headers that carry the token. */
  readonly #credentialNames: () => readonly string[];
  readonly #received: ControlledRequest[] = [];
  readonly #taken = new Set<TestRequest>();
  readonly #waiting = new Waiting();
  readonly #requests$ = new Subject<TestRequest>();
  /** How often each request has been sent. The key is the adapter that Sluice makes for a request and that all its sends have. */
  readonly #sends = new WeakMap<object, number>();
  readonly requests$: Observable<TestRequest> = this.#requests$.asObservable();

  constructor(nextTimeoutMs: number, credentialNames: () => readonly string[]) {
    this.#nextTimeoutMs = nextTimeoutMs;
    this.#credentialNames = credentialNames;
  }

  readonly adapter: AxiosAdapter = (config) =>
    new Promise((resolve, reject) => {
      if (config.signal?.aborted) {
        reject(new CanceledError(undefined, config));
        return;
      }
      const { url } = new AxiosTarget(config);
      const authorized = this.#credentialNames().some((name) => config.headers.has(name));
      const facts = { url, authorized, attempt: this.#attemptOf(config) };
      this.#receive(new ControlledRequest(config, facts, resolve, reject));
    });

  readonly expectOne = (match: RequestMatch, description?: string): TestRequest => {
    const matcher = matcherOf('expectOne()', match);
    const found = this.#open(matcher);
    const [one] = found;
    if (!one || found.length > 1) throw this.#mismatch('one request', matcher, description, found.length);
    this.#taken.add(one);
    return one;
  };

  readonly expectNone = (match: RequestMatch, description?: string): void => {
    const matcher = matcherOf('expectNone()', match);
    const found = this.#open(matcher);
    if (found.length > 0) throw this.#mismatch('no request', matcher, description, found.length);
  };

  readonly match = (match: RequestMatch): TestRequest[] => {
    const found = this.#open(matcherOf('match()', match));
    for (const request of found) this.#taken.add(request);
    return found;
  };

  readonly verify = ({ ignoreCancelled = false }: { readonly ignoreCancelled?: boolean } = {}): void => {
    const open = this.#open().filter(({ cancelled }) => !(ignoreCancelled && cancelled));
    if (open.length > 0) throw new Error(`Expected no open requests, found ${open.length}: ${this.#list(open)}.`);
  };

  readonly next = (match: RequestMatch = () => true): Promise<TestRequest> => {
    const matcher = matcherOf('next()', match);
    const text = typeof match === 'function' ? matcher.text : `'${matcher.text}'`;
    const find = (): TestRequest | undefined => {
      const first = this.#open(matcher).find(({ cancelled }) => !cancelled);
      if (first) this.#taken.add(first);
      return first;
    };
    const message = (): string => `Waited ${this.#nextTimeoutMs} ms for ${text}. ${this.#story(matcher)}`;
    return this.#waiting.until(find, this.#nextTimeoutMs, message);
  };

  readonly settled = async (): Promise<void> => {
    let isLate = false as boolean;
    const stop = afterRealMs(this.#nextTimeoutMs, () => {
      isLate = true;
    });
    do await nextTurn();
    while (this.isBusy && !isLate);
    stop();
    // Wait one turn more: a stream completes after its last chunk was read.
    await nextTurn();
  };

  /** Whether the client has not read yet all chunks that the test has sent. It pauses in a large stream now and then, in real time. */
  get isBusy(): boolean {
    return this.#received.some(({ isBusy }) => isBusy);
  }

  #receive(request: ControlledRequest): void {
    this.#received.push(request);
    this.#requests$.next(request);
    this.#waiting.changed();
  }

  #attemptOf({ adapter }: InternalAxiosRequestConfig): number {
    // Without a session, the config has the test's own adapter for all requests: sends cannot be told apart, and each counts as the first.
    if (typeof adapter !== 'function' || adapter === this.adapter) return 1;
    const attempt = (this.#sends.get(adapter) ?? 0) + 1;
    this.#sends.set(adapter, attempt);
    return attempt;
  }

  /** The requests that are neither taken nor, by a subscriber of `requests$`, answered. */
  #open({ matches }: Pick<Matcher, 'matches'> = { matches: () => true }): TestRequest[] {
    return this.#received.filter((request) => !this.#isTaken(request) && matches(request));
  }
  #isTaken(request: ControlledRequest): boolean {
    return this.#taken.has(request) || request.isAnswered;
  }

  #mismatch(expected: string, matcher: Matcher, description: string | undefined, found: number): Error {
    const hint = found === 0 ? ' Requests arrive in later microtasks: `await http.next(…)` waits for one.' : '';
    const what = description ?? `'${matcher.text}'`;
    return new Error(`Expected ${expected} for ${what}, found ${found || 'none'}. ${this.#story(matcher)}${hint}`);
  }

  /** What was received, for a message. */
  #story({ matches, text }: Matcher): string {
    const taken = this.#received.filter((request) => this.#isTaken(request));
    const parts = [`Received: ${this.#list(this.#open()) || 'nothing'}.`];
    if (taken.length > 0) parts.push(`Taken before: ${this.#list(taken)}.`);
    // Otherwise a request that differs only in a value of its query, which is not shown, would look like the wanted one.
    if (this.#open().some((one) => !matches(one) && [text, `${one.method} ${text}`].includes(String(one))))
      parts.push('Only values of the query differ.');
    return parts.join(' ');
  }

  #list(requests: readonly TestRequest[]): string {
    const names = requests.slice(0, MOST_SHOWN).map((request) => {
      const marks = [
        ...(request.attempt > 1 ? [`attempt ${request.attempt}`] : []),
        ...(request.cancelled ? ['cancelled'] : []),
      ];
      return String(request) + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
    });
    const more = requests.length - names.length;
    return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
  }
}
