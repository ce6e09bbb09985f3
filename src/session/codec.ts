import { catchError, defer, map, type Observable } from 'rxjs';
import { failureName } from './failure-name.ts';
import { StoredSessionError } from './stored-session.ts';
import { kindOf } from './token-set.ts';
import { fromSyncOrPromise } from './token-store.ts';

/**
 * Seals the tokens in the record of a shared store, for instance by encrypting them. The rest of the record stays readable, so that
 * holders (the sessions that share the store) can compare versions without the key. `open(seal(text))` must return `text`.
 *
 * @example AES-GCM, with a key that all holders have
 * ```ts
 * const codec: Codec = {
 *   async seal(text) {
 *     const iv = crypto.getRandomValues(new Uint8Array(12));
 *     const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
 *     return JSON.stringify([[...iv], [...new Uint8Array(sealed)]]);
 *   },
 *   async open(text) {
 *     const [iv, sealed] = JSON.parse(text) as [number[], number[]];
 *     const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: Uint8Array.from(iv) }, key, Uint8Array.from(sealed));
 *     return new TextDecoder().decode(opened);
 *   },
 * };
 * ```
 */
export interface Codec {
  /** Seals the token set, given as JSON. Must not return an empty string: that counts as a failure. */
  seal(text: string): string | PromiseLike<string>;
  /**
   * Returns the text that `seal` was given. Must throw or reject for a text that it did not seal: the record then counts as unreadable,
   * and nobody is signed out.
   */
  open(text: string): string | PromiseLike<string>;
}

/** Seals or opens a text. Errors with `StoredSessionError` if the codec fails, or returns no text: no holder could read such tokens. */
export function codeText(codec: Codec, direction: keyof Codec, text: string): Observable<string> {
  return defer(() => fromSyncOrPromise<unknown>(codec[direction](text))).pipe(
    catchError((error: unknown) => {
      // Do not keep the error of the codec as the cause: its message may quote the tokens.
      throw new StoredSessionError(`codec.${direction} failed (${failureName(error)})`);
    }),
    map((coded) => {
      if (typeof coded === 'string' && coded !== '') return coded;
      throw new StoredSessionError(`codec.${direction} returned ${kindOf(coded)}`);
    }),
  );
}
