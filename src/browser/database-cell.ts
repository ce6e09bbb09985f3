import type { Cell, Codec, StoredSession } from '../session/index.ts';
import { findEntry, followerOf, type FormerTokens, type WebRecord } from './former-tokens.ts';
import { pageHints } from './page-hints.ts';
import { RecordDatabase } from './record-database.ts';

/** One holder's way to a record in IndexedDB, which is the truth; messages among pages are hints that it may have changed. */
export class DatabaseCell implements Omit<Cell<StoredSession>, 'lock'> {
  readonly news$: Cell<StoredSession>['news$'] & {};
  readonly #database = new RecordDatabase();
  readonly #key: string;
  readonly #former: FormerTokens;
  readonly #codec: Codec | undefined;
  readonly #tell: () => void;
  /** The former tokens that were seen last. */
  #seen: number | undefined;
  /** Former tokens that are missing may have been removed: before this page was there, or since, as it has heard. */
  #mayBeGone = true;

  constructor(key: string, former: FormerTokens, codec: Codec | undefined) {
    this.#key = key;
    this.#former = former;
    this.#codec = codec;
    const { news$, tell } = pageHints(`sluice:${key}`, () => this.#isStorageNews());
    this.news$ = news$;
    this.#tell = tell;
  }

  async read(): Promise<WebRecord | null> {
    const entry = findEntry(this.#former);
    const mayBeGone = this.#mayBeGone;
    const mayFollow = entry !== null || mayBeGone;
    this.#seen = entry?.mark;
    this.#mayBeGone = false;
    try {
      // Before the transaction, which does not wait for it.
      const sealed = entry && this.#codec ? await this.#codec.seal(entry.text) : (entry?.text ?? '');
      return await this.#withRecord<WebRecord | null>(mayFollow ? 'readwrite' : 'readonly', (now, put) => {
        const next = mayFollow ? followerOf(now, entry, sealed, mayBeGone) : undefined;
        if (next) put(next);
        return next ?? now ?? null;
      });
    } catch (error) {
      this.#mayBeGone ||= mayBeGone;
      throw error;
    }
  }

  async swap(expected: number, next: StoredSession): Promise<boolean> {
    let taken: readonly number[] = [];
    const isDone = await this.#withRecord('readwrite', (now, put) => {
      taken = now?.taken ?? [];
      const isExpected = (now?.version ?? 0) === expected;
      if (isExpected) put(taken.length > 0 ? { ...next, taken } : next);
      return isExpected;
    });
    // Also if it was not done: a first attempt that seemed to fail may have done it.
    this.#tell();
    this.#removeFormer(taken);
    return isDone;
  }

  #withRecord<R>(
    mode: IDBTransactionMode,
    work: (now: WebRecord | undefined, put: (next: WebRecord) => void) => R,
  ): Promise<R> {
    return this.#database.run<R>(mode, (records, give) => {
      const got = records.get(this.#key) as IDBRequest<WebRecord | undefined>;
      got.onsuccess = () => give(work(got.result, (next) => records.put(next, this.#key)));
    });
  }

  #isStorageNews(): boolean {
    const mark = findEntry(this.#former)?.mark;
    if (mark === this.#seen) return false;
    this.#seen = mark;
    this.#mayBeGone ||= mark === undefined;
    return true;
  }

  /** Not an entry that was written since: the next read takes it over. */
  #removeFormer(taken: readonly number[]): void {
    const mark = findEntry(this.#former)?.mark;
    if (mark === undefined || !taken.includes(mark)) return;
    try {
      this.#former.remove();
    } catch {
      // It is known by its mark from now on.
    }
  }
}
