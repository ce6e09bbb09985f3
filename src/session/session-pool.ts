/// <reference lib="esnext.disposable" preserve="true" />
import { asyncScheduler, type Observable, Subject } from 'rxjs';
import { InvalidInputError } from './invalid-input-error.ts';
import { assertKnownOptions, ownOptions } from './known-options.ts';
import { readProperty } from './read-property.ts';
import { createSession, type Session } from './session.ts';
import { internalsOf } from './session-internals.ts';
import type { SessionOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { memoryStore, type TokenStore } from './token-store.ts';

/** The options of `createSessionPool`: how the pool creates its sessions, and how many it keeps. */
export interface SessionPoolOptions<T extends TokenSet = TokenSet> {
  /**
   * Returns the options of one person's session. Called whenever the pool creates that session, also after it was disposed of. If the
   * options have no `store`, the pool keeps the tokens in memory, so that the person is still signed in when the session is created again.
   */
  create(this: void, key: string): SessionOptions<T>;
  /**
   * How long a session may be idle, in milliseconds, 0 or more: no call of `of()` for it, no request, no refresh, no subscriber of
   * `state$`. After that it is disposed of when the pool is used next; no timer runs.
   *
   * @defaultValue `300_000`
   */
  readonly idleMs?: number;
  /**
   * How many sessions the pool keeps, 1 or more. If there are more, the one that is idle longest is disposed of. @defaultValue
   * `10_000`
   */
  readonly max?: number;
}

/** The pool has more than `max` sessions, because none of them is idle. */
export interface PoolExceededEvent {
  /** The kind of the event. */
  readonly type: 'pool-exceeded';
  /** How many sessions the pool has. */
  readonly size: number;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
}

/** Keeps one session for each person, found by a key: for gateways and for servers that render pages. */
export interface SessionPool<T extends TokenSet = TokenSet> {
  /**
   * Returns the session of this key, and creates it if there is none. All requests of a person get the same session, so they share one
   * refresh. Call it anew for each request: the pool disposes of idle sessions.
   *
   * @param key - what identifies the person, such as the id of a server-side session; not empty
   * @throws InvalidInputError for a key that is not a string or is empty, and after `dispose()`
   */
  of(key: string): Session<T>;
  /** How many sessions the pool has. A person whose session was disposed of is not counted, and costs at most the memory of the tokens. */
  readonly size: number;
  /** Emits when the pool has more than `max` sessions. Hot; completes at `dispose()`. */
  readonly events$: Observable<PoolExceededEvent>;
  /** Disposes of all sessions. Tokens that the pool keeps in memory are lost. */
  dispose(): void;
  /** The same as `dispose()`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Creates a pool of sessions. The pool never disposes of a session that has a request or a write in progress, a refresh in flight or a
 * subscriber of `state$`; if that leaves more than `max` sessions, the pool grows and `events$` emits.
 *
 * @throws InvalidInputError for an option of the wrong kind or out of its range, or (in development) one that does not exist
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
  /** When the pool last gave the session, or found it in use. */
  readonly usedAt: number;
}

class Pool<T extends TokenSet> implements SessionPool<T> {
  readonly #options: Required<SessionPoolOptions<T>>;
  /** The sessions by key, in the order of their last use: the one that has not been used for longest comes first. */
  readonly #entries = new Map<string, Entry<T>>();
  /** The tokens of people for whom `create` returns no store. They outlive the session. */
  readonly #stores = new Map<string, TokenStore<T>>();
  readonly #events$ = new Subject<PoolExceededEvent>();
  #isDisposed = false;

  constructor(options: SessionPoolOptions<T>) {
    assertKnownOptions('createSessionPool()', options, ['create', 'idleMs', 'max']);
    const { create, idleMs = 300_000, max = 10_000 } = ownOptions(options);
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
      throw new InvalidInputError(`of() takes a key, a string that is not empty; given: ${kindOf(key)}.`);
    const known = this.#entries.get(key);
    // The app may have disposed of the session itself, such as by `using`.
    const session = known && known.session.state.status !== 'disposed' ? known.session : this.#open(key);
    this.#note(key, session);
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
    if (typeof readProperty(options, 'refresh') !== 'function')
      throw new InvalidInputError(
        `createSessionPool(): create returns the options of a session, with \`refresh\`; given: ${kindOf(options)} without it.`,
      );
    if (options.store !== undefined) return createSession(options);
    const store = this.#stores.get(key) ?? memoryStore<T>();
    this.#stores.set(key, store);
    return createSession({ ...options, store });
  }

  /** Notes that a session is in use now. A Map keeps the order of insertion: the entry becomes the last. */
  #note(key: string, session: Session<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, { session, usedAt: asyncScheduler.now() });
  }
  #disposeOfIdle(newest?: string): void {
    const now = asyncScheduler.now();
    // Entries that `#note` moves to the end come up again: visit no more than there are now.
    let left = this.#entries.size;
    for (const [key, { session, usedAt }] of this.#entries) {
      if (left-- === 0 || now - usedAt < this.#options.idleMs) return;
      if (key !== newest && internalsOf(session).isIdle) this.#close(key);
      else this.#note(key, session);
    }
  }
  /** Closes idle sessions, the oldest first, until there are no more than `max`. Emits an event if too many are in use. */
  #makeRoom(newest: string): void {
    for (const [key, { session }] of this.#entries) {
      if (this.#entries.size <= this.#options.max) return;
      if (key !== newest && internalsOf(session).isIdle) this.#close(key);
    }
    this.#events$.next({ type: 'pool-exceeded', size: this.#entries.size, at: asyncScheduler.now() });
  }
  #close(key: string): void {
    const session = this.#entries.get(key)?.session;
    this.#entries.delete(key);
    if (this.#stores.get(key)?.get() === null) this.#stores.delete(key);
    session?.dispose();
  }
}
