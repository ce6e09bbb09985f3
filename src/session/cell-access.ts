import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  map,
  type Observable,
  of,
  type Subscription,
  tap,
  throwError,
} from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import type { Cell } from './cell.ts';
import { codeText, type Codec } from './codec.ts';
import type { StoreOperation } from './events.ts';
import { failureName } from './failure-name.ts';
import type { PortContext } from './store-port.ts';
import { parseStoredSession, type StoredSession, StoredSessionError } from './stored-session.ts';
import { checkTokens, type TokenSet } from './token-set.ts';
import { fromSyncOrPromise } from './token-store.ts';

/**
 * A cell (a place in a storage engine). `isBehind` tells whether the browser has suspended this page and the record was not read since:
 * requests must then wait for a read, because their token may be that of somebody who has signed out in another tab.
 */
type SuspendableCell = Cell<StoredSession> & { readonly isBehind?: () => boolean };

/** The cell of a shared store and its options: the same for every session that uses the store. */
export interface SharedStoreSetup {
  readonly cell: SuspendableCell;
  readonly leaseMs: number;
  readonly codec: Codec | undefined;
}

/** The last failure of the storage. It is kept, so that an outage is reported once and not at each attempt. */
interface Problem {
  readonly operation: StoreOperation;
  readonly message: string;
  readonly error: unknown;
  /** The step whose success ends the problem. */
  readonly endedBy: Step;
}

/** An operation, or the sealing of tokens before the operation `set`, or the opening of tokens after the operation `get`. */
type Step = StoreOperation | keyof Codec;

/**
 * Reads and writes the cell (the place in storage) of a shared store for one session. It checks the records that it reads, limits the time
 * of each read and write, seals and opens tokens by the codec, and reports failures.
 */
export class CellAccess<T extends TokenSet> {
  readonly setup: SharedStoreSetup;
  readonly context: PortContext;
  #problem: Problem | null = null;

  constructor(setup: SharedStoreSetup, context: PortContext) {
    this.setup = setup;
    this.context = context;
  }

  /**
   * The error of the last failure; `undefined` once the failed step (a read, a write, `codec.open`) has succeeded. The failure of a lock or
   * of `news$` stays until another failure replaces it.
   */
  get lastError(): unknown {
    return this.#problem?.error;
  }

  /**
   * Calls `look` whenever the cell's `news$` emits: the record may have changed. If `news$` fails or is no Observable, `look` is not called
   * any more, and `store-failed` reports the operation `changes$`. Uses no operator: it would cost memory in every session.
   */
  watch(look: () => void): Subscription {
    return defer(() => this.setup.cell.news$ ?? EMPTY).subscribe({
      next: look,
      error: (error: unknown) => this.report('changes$', error),
    });
  }

  /**
   * Reads the record.
   *
   * @param overwrites - whether to emit an empty record in place of an unreadable one, so that a sign-in can replace it. By default, and
   * for a record of a newer schema, the read fails
   */
  read(overwrites = false): Observable<StoredSession | null> {
    const record$ = defer(() => fromSyncOrPromise(this.setup.cell.read())).pipe(
      map(parseStoredSession),
      concatMap((record) =>
        // A record of schema 0 (a bare token set) has its tokens as plain text. Seal them here: a write that keeps these tokens would
        // store them unsealed.
        record?.version === 0
          ? this.#code('seal', record.tokens).pipe(map((tokens) => ({ ...record, tokens })))
          : of(record),
      ),
    );
    const read$ = this.#access('get', record$);
    return overwrites ? read$.pipe(catchError(replaceable)) : read$;
  }

  swap(expected: number, next: StoredSession): Observable<boolean> {
    return this.#access(
      'set',
      // Only `true` counts as success. After any other value the record is read again, which shows whether this write took effect.
      defer(() => fromSyncOrPromise<unknown>(this.setup.cell.swap(expected, next))).pipe(
        map((isDone) => isDone === true),
      ),
    );
  }

  seal(tokens: T): Observable<string | null> {
    return this.#access('set', this.#code('seal', JSON.stringify(tokens)), 'seal');
  }

  open(text: string | null): Observable<T | null> {
    const tokens$ = this.#code('open', text).pipe(
      map((opened) => {
        if (opened === null) return null;
        const { tokens, fault } = checkTokens<T>(JSON.parse(opened));
        if (!tokens) throw new StoredSessionError(`tokens: ${fault}`);
        if (fault) this.context.emit({ type: 'tokens-faulty', message: `store: ${fault}` });
        return tokens;
      }),
    );
    return this.#access('get', tokens$, 'open');
  }

  report(operation: StoreOperation, error: unknown, step: Step = operation): void {
    const message = error instanceof StoredSessionError ? error.message : failureName(error);
    // Report an outage once, and not at each attempt.
    if (this.#problem?.operation !== operation || this.#problem.message !== message)
      this.context.emit({ type: 'store-failed', operation, message });
    // A failure of `seal` ends with the next successful write. If only a successful `seal` ended it, it would seem to last after the write
    // of a sign-out, which seals nothing.
    this.#problem = { operation, message, error, endedBy: step === 'seal' ? 'set' : step };
  }

  /** Seals or opens a text by the codec, if the store has one. */
  #code(direction: keyof Codec, text: string | null): Observable<string | null> {
    const { codec } = this.setup;
    return codec && text !== null ? codeText(codec, direction, text) : of(text);
  }

  /**
   * Limits the time of a read or write, and reports its failure.
   *
   * @param step - the part of the operation. A problem ends only when its own step succeeds. If `seal` ended a problem of writing, or a
   * read ended a problem of `codec.open`, an outage would be reported at each attempt instead of once.
   */
  #access<R>(operation: StoreOperation, access$: Observable<R>, step: Step = operation): Observable<R> {
    return access$.pipe(
      withTimeout(this.context.storeTimeoutMs),
      // Replace a `SyntaxError`: its message quotes what could not be parsed, which may be tokens.
      catchError((error: unknown) =>
        throwError(() => (error instanceof SyntaxError ? new StoredSessionError('not valid JSON', 0) : error)),
      ),
      tap({
        next: () => {
          if (this.#problem?.endedBy === step) this.#problem = null;
        },
        error: (error: unknown) => this.report(operation, error, step),
      }),
    );
  }
}

/**
 * Emits an empty record, which a sign-in can replace, if the cell holds an unreadable one. Fails with the error if it has no `version`: the
 * cell could not be reached, or it holds a record of a newer schema, which must not be replaced.
 */
function replaceable(error: unknown): Observable<StoredSession> {
  return error instanceof StoredSessionError && error.version !== undefined
    ? of({ schema: 1, version: error.version, owner: null, generation: 0, tokens: null, by: '-' })
    : throwError(() => error);
}
