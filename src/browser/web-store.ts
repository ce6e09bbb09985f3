import { memoryCell, sharedStore, type SharedStore, type SharedStoreOptions, type TokenSet } from '../session/index.ts';
import { assertKnownOptions, assertOption, openPort } from '../session/internal.ts';
import { formerEntryOf, type FormerTokens } from './former-tokens.ts';
import { watchForOtherOptions } from './live-stores.ts';
import { webCell, type WebCellSetup } from './web-cell.ts';

export interface WebStoreOptions<T extends TokenSet = TokenSet> extends SharedStoreOptions {
  /** Names the sign-in: all pages and workers of the origin that give this key share it. @defaultValue `'sluice'` */
  readonly key?: string;
  /**
   * The tokens that an earlier version of the app has left, which are taken over so that nobody has to sign in again: read where no record
   * has replaced them yet, and removed by the first refresh, sign-in or sign-out.
   *
   * @defaultValue the entry `key` of `localStorage`, if it is a token set as JSON
   */
  readonly former?: FormerTokens<T>;
}

/**
 * One sign-in for all tabs and workers of an origin, over reloads: the tokens are in IndexedDB, where any script of the origin can read
 * them. One refresh runs at a time among all tabs, and signing in or out in one is signing in or out in all. Reading takes some
 * milliseconds: until then the session is `restoring`.
 *
 * Without Web Locks (plain HTTP) the tabs take turns by a lease in the record. Without IndexedDB (a sandboxed frame, blocked storage) the
 * session is in memory and each page has its own. Both are reported once, as `store-failed`. Outside a browser each session starts
 * empty and keeps nothing.
 *
 * @throws InvalidInputError for an option of the wrong kind, and what `sharedStore` throws for its options
 */
export function webStore<T extends TokenSet = TokenSet>(options: WebStoreOptions<T> = {}): SharedStore<T> {
  const { key = 'sluice', former = formerEntryOf(key), ...shared } = options;
  const { leaseMs, codec } = shared;
  assertKnownOptions('webStore()', options, ['key', 'former', 'leaseMs', 'codec']);
  assertOption('webStore()', 'key', key, typeof key === 'string' && key !== '', 'a string that is not empty');
  const { get, remove } = Object(former) as Partial<FormerTokens>;
  const isFormer = typeof get === 'function' && typeof remove === 'function';
  assertOption('webStore()', 'former', former, isFormer, '{ get, remove }');
  // Says at once what is wrong with them.
  sharedStore(memoryCell(), shared);
  return {
    [openPort]: (context) => {
      // Which storage there is says nothing: some servers have `localStorage`.
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
