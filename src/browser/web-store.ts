import { memoryCell, sharedStore, type SharedStore, type SharedStoreOptions, type TokenSet } from '../session/index.ts';
import { assertKnownOptions, assertOption, openPort, ownOptions } from '../session/internal.ts';
import { formerEntryOf, type FormerTokens } from './former-tokens.ts';
import { watchForOtherOptions } from './live-stores.ts';
import { webCell, type WebCellSetup } from './web-cell.ts';

/** The options of `webStore`, with those of `sharedStore`. */
export interface WebStoreOptions<T extends TokenSet = TokenSet> extends SharedStoreOptions {
  /** The key of the sign-in: all pages and workers of the origin that pass the same key share one. @defaultValue `'sluice'` */
  readonly key?: string;
  /**
   * Finds the tokens that an earlier version of the app has stored, so that nobody has to sign in again. The store copies them when it is
   * first read, and removes them at the first refresh, sign-in or sign-out.
   *
   * @defaultValue the entry `key` of `localStorage`, if it is a token set as JSON
   */
  readonly former?: FormerTokens<T>;
}

/**
 * Keeps one sign-in for all tabs and workers of an origin, also over reloads. The tokens are in IndexedDB, where any script of the origin
 * can read them. Among all tabs, one refresh runs at a time, and a sign-in or sign-out in one takes effect in all. Reading the store takes
 * some milliseconds: until then the session is `restoring`.
 *
 * Without Web Locks (plain HTTP) the tabs exclude each other by a lease in the record. Without IndexedDB (a sandboxed frame, blocked
 * storage) the session is in memory, and each page has its own. Each session reports that once, by the event `store-failed`. Outside a
 * browser, each session starts signed out, and its tokens are only in memory.
 *
 * @example
 * ```ts
 * const session = createSession({ refresh, store: webStore({ key: 'my-app' }) });
 * const known$ = session.state$.pipe(first(({ status }) => status !== 'restoring')); // emits after some milliseconds
 * known$.subscribe(({ tokens }) => (tokens ? showApp() : showSignIn()));
 * ```
 *
 * @throws InvalidInputError for an option of the wrong kind, and what `sharedStore` throws for its options
 */
export function webStore<T extends TokenSet = TokenSet>(options: WebStoreOptions<T> = {}): SharedStore<T> {
  const { key = 'sluice', former = formerEntryOf(key), ...shared } = ownOptions(options);
  const { leaseMs, codec } = ownOptions(shared);
  assertKnownOptions('webStore()', options, ['key', 'former', 'leaseMs', 'codec']);
  assertOption('webStore()', 'key', key, typeof key === 'string' && key !== '', 'a string that is not empty');
  const { get, remove } = Object(former) as Partial<FormerTokens>;
  const isFormer = typeof get === 'function' && typeof remove === 'function';
  assertOption('webStore()', 'former', former, isFormer, '{ get, remove }');
  // Check the options now: otherwise a wrong option would throw only when a session opens the store.
  sharedStore(memoryCell(), shared);
  return {
    [openPort]: (context) => {
      // Recognise a browser by its page or worker, and not by its storage: some servers have `localStorage`.
      if (!('document' in globalThis || 'WorkerGlobalScope' in globalThis))
        return sharedStore<T>(memoryCell(), shared)[openPort](context);
      const { emit, ...figures } = context;
      const report: WebCellSetup['report'] = (operation, message) => emit({ type: 'store-failed', operation, message });
      const port = sharedStore<T>(webCell({ key, former, codec, report }), shared)[openPort](context);
      const end = watchForOtherOptions(key, { ...figures, leaseMs, codec: !!codec });
      const close = port.close.bind(port);
      port.close = () => {
        end();
        close();
      };
      return port;
    },
  };
}
