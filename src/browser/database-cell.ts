import { firstValueFrom } from 'rxjs';
import type { Cell, Codec, StoredSession } from '../session/index.ts';
import { codeText } from '../session/internal.ts';
import { findEntry, followerOf, isCopy, type FormerTokens, type WebRecord } from './former-tokens.ts';
import { type PageHints, pageHints } from './page-hints.ts';
import { RecordDatabase } from './record-database.ts';

/**
 * A cell (the storage of a shared store) for one session: a record in IndexedDB. Messages between pages are only hints that the record
 * may have changed; its content is read from IndexedDB each time.
 */
export class DatabaseCell implements Omit<Cell<StoredSession>, 'lock'> {
  readonly news$: Cell<StoredSession>['news$'] & {};
  readonly #database = new RecordDatabase();
  readonly #key: string;
  readonly #former: FormerTokens;
  readonly #codec: Codec | undefined;
  readonly #hints: PageHints;
  /** The mark (a hash) of the former tokens that were found last, by a read or at a `storage` event; `undefined` if there were none. */
  #seen: number | undefined;
  /**
   * Whether former tokens may have been removed since the last read: before the first read, and after a `storage` event that told so. If
   * the record is a copy of them, their removal was a sign-out in the earlier version of the app, and the record must follow.
   */
  #mayBeGone = true;

  constructor(key: string, former: FormerTokens, codec: Codec | undefined) {
    this.#key = key;
    this.#former = former;
    this.#codec = codec;
    this.#hints = pageHints(`sluice:${key}`, () => this.#isStorageNews());
    this.news$ = this.#hints.news$;
  }

  /** Whether this page was suspended and has not read the record since. Requests then wait for a read: another tab may have signed out. */
  get isBehind(): boolean {
    return this.#hints.isBehind;
  }

  async read(): Promise<WebRecord | null> {
    const entry = findEntry(this.#former);
    const mayBeGone = this.#mayBeGone;
    const mayFollow = entry !== null || mayBeGone;
    const { isBehind } = this.#hints;
    this.#seen = entry?.mark;
    this.#mayBeGone = false;
    try {
      // Seal before the transaction begins: a transaction commits as soon as it has no pending request, and does not wait for the codec.
      const sealed =
        entry && this.#codec ? await firstValueFrom(codeText(this.#codec, 'seal', entry.text)) : (entry?.text ?? '');
      return await this.#withRecord<WebRecord | null>(mayFollow ? 'readwrite' : 'readonly', (now, put) => {
        const next = mayFollow ? followerOf(now, entry, sealed, mayBeGone) : undefined;
        if (next) put(next);
        return next ?? now ?? null;
      });
    } catch (error) {
      this.#mayBeGone ||= mayBeGone;
      throw error;
    } finally {
      // Clear it also after a failed read, so that requests whose tokens live go on. But not if this read began before the page was
      // suspended: it may have missed a change.
      if (isBehind) this.#hints.isBehind = false;
    }
  }

  async swap(expected: number, next: StoredSession): Promise<boolean> {
    let taken: readonly number[] = [];
    let attempts = 0;
    const isDone = await this.#withRecord('readwrite', (now, put) => {
      attempts += 1;
      const isExpected = (now?.version ?? 0) === expected;
      // If another page has copied former tokens meanwhile, keep them. They may be removed only when a session has replaced their copy.
      taken = (!isExpected && isCopy(now) ? undefined : now?.taken) ?? [];
      if (isExpected) put(taken.length > 0 ? { ...next, taken } : next);
      return isExpected;
    });
    // Notify other pages also if this returns false: the first attempt of `RecordDatabase.run` may have thrown although it took effect.
    this.#hints.tell();
    this.#removeFormer(taken);
    // After a second attempt it is unknown whether this write was made: the first one may have taken effect, and another page may have
    // replaced its record since. Do not return false: a sign-in would be written again, although a sign-out may have followed it.
    if (!isDone && attempts > 1) throw new Error('It is unknown whether the record was replaced.');
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

  /** Removes the former tokens that a record has taken over, but not tokens that were written since: the next read takes those over. */
  #removeFormer(taken: readonly number[]): void {
    const mark = findEntry(this.#former)?.mark;
    if (mark === undefined || !taken.includes(mark)) return;
    try {
      this.#former.remove();
    } catch {
      // The former tokens stay in their storage. No later read copies them again, because the record keeps their hash (`mark`).
    }
  }
}
