import type { TokenSet, TokenStore } from 'sluice/session';
import type { Ledger } from './ledger.ts';
import type { RaceStore } from './race-store.ts';
import type { Server } from './server.ts';

/** Returned by `then` of a thenable, because RxJS adds a last handler to what `then` returns. */
const never = new Promise<never>(() => undefined);

/** When a write takes effect, and when it is done: at the call, or at an event of its own. */
export type Writing = 'at once' | 'slow' | 'slow and late';

export interface TabStoreOptions {
  readonly writing: Writing;
  /** The store keeps the owner with the tokens. If it does not, all tokens of another tab are another sign-in's. */
  readonly keepsOwner: boolean;
}

/** A store of one holder, which another tab uses as well. It has no news. */
export class TabStore implements RaceStore {
  readonly #options: TabStoreOptions;
  readonly #server: Server;
  readonly #ledger: Ledger;
  #content: TokenSet | null;
  #isForeign = true;
  #isDown = false;
  #isReadOnly = false;
  #lies = false;
  #writes: (() => void)[] = [];

  constructor(server: Server, ledger: Ledger, options: TabStoreOptions, isSignedIn: boolean) {
    this.#server = server;
    this.#ledger = ledger;
    this.#options = options;
    this.#content = null;
    if (isSignedIn) this.#put(server.issue('ada 1'), 'ada');
  }

  of(): TokenStore {
    return {
      get: () => {
        if (this.#isDown) throw new Error('The store is down.');
        return this.#content;
      },
      set: (tokens) => this.#set(tokens),
    };
  }
  get tokens(): TokenSet | null {
    return this.#content;
  }
  get owner(): string | null {
    return this.#content?.owner ?? null;
  }
  get isWriting(): boolean {
    return this.#writes.length > 0;
  }
  get keepsOwner(): boolean {
    return this.#options.keepsOwner;
  }
  isForeign(): boolean {
    return this.#isForeign;
  }
  isDown(): boolean {
    return this.#isDown || this.#isReadOnly;
  }
  fail(): void {
    this.#isDown = true;
  }
  recover(): void {
    this.#isDown = this.#isReadOnly = this.#lies = false;
  }
  /** After this the store takes no more writes, so that its content stays. */
  lie(): void {
    this.#lies = true;
  }
  /** Each holder of such a store refreshes for itself. */
  hasLease(): true {
    return true;
  }
  /** Completes the writes that wait for it. */
  settle(): void {
    const writes = this.#writes;
    this.#writes = [];
    for (const done of writes) done();
  }
  /** Another tab writes. */
  write(tokens: TokenSet | null, owner: string | null): void {
    this.#put(tokens, owner);
    this.#isForeign = true;
  }

  #put(tokens: TokenSet | null, owner: string | null): void {
    this.#content = tokens && this.#options.keepsOwner && owner !== null ? { ...tokens, owner } : tokens;
  }
  #set(tokens: TokenSet | null): void | PromiseLike<void> {
    const { writing } = this.#options;
    const done = (): void => {
      this.#ledger.stored(tokens?.accessToken);
    };
    if (writing === 'at once') {
      this.#land(tokens);
      done();
      return undefined;
    }
    let error: unknown;
    const land = (): void => {
      try {
        this.#land(tokens);
      } catch (reason) {
        error = reason;
      }
    };
    if (writing === 'slow') land();
    // A thenable, not a promise: what waits for it continues when the schedule says so.
    return {
      then: (resolve, reject) => {
        this.#writes.push(() => {
          if (writing === 'slow and late') land();
          if (error === undefined) done();
          void (error === undefined ? resolve?.() : reject?.(error));
        });
        return never;
      },
    };
  }
  #land(tokens: TokenSet | null): void {
    const lies = this.#lies && tokens !== null;
    const { owner = null, ...rest } = tokens ?? {};
    if (!this.isDown()) {
      this.#put(tokens && (rest as TokenSet), owner);
      this.#isForeign = false;
      if (!lies) return;
    }
    this.#lies = false;
    this.#isReadOnly ||= lies;
    throw new Error('The store has failed.');
  }
}
