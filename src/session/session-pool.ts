/// <reference lib="esnext.disposable" preserve="true" />
import { asyncScheduler, type Observable, Subject } from 'rxjs';
import { InvalidInputError } from './errors.ts';
import { assertKnownOptions } from './known-options.ts';
import { createSession, type Session } from './session.ts';
import { internalsOf } from './session-internals.ts';
import type { SessionOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { memoryStore, type TokenStore } from './token-store.ts';

/** How a pool makes its sessions, and how many it keeps. */
export interface SessionPoolOptions<T extends TokenSet = TokenSet> {
  /** The options of one person's session, asked for whenever the pool makes it anew. Without a `store` the pool keeps the tokens. */
  create(this: void, key: string): SessionOptions<T>;
  /**
   * A session that nobody has asked for and nothing has used for this long is disposed of, when the pool is used next: no timer runs.
   * In milliseconds, 0 or more.
   *
   * @defaultValue `300_000`
   */
  readonly idleMs?: number;
  /** How many sessions the pool keeps, 1 or more. Beyond it the longest idle one goes. @defaultValue `10_000` */
  readonly max?: number;
}

/** The pool has more than `max` sessions, because all of them are in use. */
export interface PoolExceededEvent {
  readonly type: 'pool-exceeded';
  readonly size: number;
  /** When it happened: epoch milliseconds. */
  readonly at: number;
}

/** One session for each person, by key: for gateways and servers that render pages. */
export interface SessionPool<T extends TokenSet = TokenSet> {
  /**
   * The session of this key: the same one for all requests of a person, so that they share one refresh.
   *
   * @throws InvalidInputError for a key that is no text, and after `dispose()`
   */
  of(key: string): Session<T>;
  /** How many sessions there are. People whose session was disposed of cost their tokens only. */
  readonly size: number;
  /** Hot. */
  readonly events$: Observable<PoolExceededEvent>;
  /** Disposes of all sessions. Tokens that the pool keeps are lost. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Makes a pool. A session with a request under way, with a refresh in flight or with a subscriber of `state$` is never disposed of.
 *
 * @throws InvalidInputError for an option of the wrong kind or out of its range
 * @example
 * ```ts
 * const pool = createSessionPool({
 *   create: (id) => ({ refresh, store: redisStore(redis, `session:${id}`) }),
 * });
 * app.use((req, res, next) => {
 *   req.api = createClient({ baseURL, session: pool.of(req.cookies.id) });
 *   next();
 * });
 * ```
 */
export function createSessionPool<T extends TokenSet = TokenSet>(options: SessionPoolOptions<T>): SessionPool<T> {
  return new Pool(options);
}

interface Entry<T extends TokenSet> {
  readonly session: Session<T>;
  usedAt: number;
}

class Pool<T extends TokenSet> implements SessionPool<T> {
  readonly #options: Required<SessionPoolOptions<T>>;
  /** The longest unused comes first. */
  readonly #entries = new Map<string, Entry<T>>();
  /** The tokens of people whose `create` names no store. */
  readonly #stores = new Map<string, TokenStore<T>>();
  readonly #events$ = new Subject<PoolExceededEvent>();
  #isDisposed = false;

  constructor({ create, idleMs = 300_000, max = 10_000, ...rest }: SessionPoolOptions<T>) {
    assertKnownOptions('createSessionPool()', rest, ['create', 'idleMs', 'max']);
    const refuse = (name: string, wanted: string, given: unknown): never => {
      const what = typeof given === 'number' ? String(given) : kindOf(given);
      throw new InvalidInputError(`createSessionPool(): ${name} takes ${wanted}; given: ${what}.`);
    };
    if (typeof create !== 'function') refuse('create', 'a function that gives the options of a session', create);
    if (!(typeof idleMs === 'number' && idleMs >= 0)) refuse('idleMs', 'milliseconds, 0 or more', idleMs);
    if (!(typeof max === 'number' && max >= 1)) refuse('max', 'a number, 1 or more', max);
    this.#options = { create, idleMs, max };
  }

  get size(): number {
    this.#disposeOfIdle();
    return this.#entries.size;
  }
  get events$(): Observable<PoolExceededEvent> {
    return this.#events$;
  }

  of(key: string): Session<T> {
    if (this.#isDisposed) throw new InvalidInputError('The pool has been disposed of; make a new one.');
    if (typeof key !== 'string' || key === '')
      throw new InvalidInputError(`of() takes a key: a text, not empty; given: ${kindOf(key)}.`);
    const known = this.#entries.get(key);
    const session = known?.session ?? this.#open(key);
    // Last in the order from now on.
    this.#entries.delete(key);
    this.#entries.set(key, { session, usedAt: asyncScheduler.now() });
    this.#disposeOfIdle(key);
    if (!known) this.#makeRoom(key);
    return session;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const key of Array.from(this.#entries.keys())) this.#close(key);
    this.#stores.clear();
    this.#events$.complete();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #open(key: string): Session<T> {
    const options = this.#options.create(key);
    if (options.store) return createSession(options);
    const store = this.#stores.get(key) ?? memoryStore<T>();
    this.#stores.set(key, store);
    return createSession({ ...options, store });
  }

  #disposeOfIdle(newest?: string): void {
    const now = asyncScheduler.now();
    for (const [key, { session, usedAt }] of this.#entries) {
      if (now - usedAt < this.#options.idleMs) return;
      if (key !== newest && internalsOf(session).isIdle) this.#close(key);
    }
  }
  #makeRoom(newest: string): void {
    for (const [key, { session }] of this.#entries) {
      if (this.#entries.size <= this.#options.max) return;
      if (key !== newest && internalsOf(session).isIdle) this.#close(key);
    }
    const { size } = this.#entries;
    if (size > this.#options.max) this.#events$.next({ type: 'pool-exceeded', size, at: asyncScheduler.now() });
  }
  #close(key: string): void {
    const session = this.#entries.get(key)?.session;
    this.#entries.delete(key);
    if (session?.state.tokens === null) this.#stores.delete(key);
    session?.dispose();
  }
}
