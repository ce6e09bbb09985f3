import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { randomId, readProperty, type SessionInternals, UNNAMED_OWNER } from '../session/internal.ts';
import { callOfAdapter, hasOptedOut } from './adapter-mark.ts';
import type { Call } from './call.ts';

/** A request through such a cache. */
type Config = AxiosRequestConfig & {
  cache?: object | false;
  id?: string;
  /** Whose request it is, as a call knows it, but copied along with the config. Absent if the session has no part in it. */
  sessionOwner?: string | null;
};
type Access = (key: string, ...rest: [value: unknown, config?: Config] | [config?: Config]) => unknown;

/** What axios-cache-interceptor puts on the instance that it is set up on. */
interface Cache {
  generateKey: (config: Config, meta?: unknown) => string | number;
  readonly storage: Record<'get' | 'set' | 'remove', Access>;
  readonly waiting: Map<string, { reject(error: unknown): void }>;
}

const MARK = '@owner:';
const known = new WeakSet<Cache['generateKey']>();
const ids = new WeakMap<SessionInternals, string>();

/** Whose the answers of a session are now. A store that keeps no owner cannot tell one person from the next: theirs last as long as the page. */
function ownerNow(internals: SessionInternals): string | null {
  const { state, ownerChanges } = internals;
  if (state.owner !== UNNAMED_OWNER) return state.owner;
  const id = ids.get(internals) ?? randomId();
  ids.set(internals, id);
  return `${id}.${ownerChanges}`;
}

/** `null` if nobody was known to be signed in, or somebody else is by now: such a request is to fail, and not to be answered from the cache. */
function ownerOfCall({ internals, start }: Call): string | null {
  return start.hasTokens && start.ownerChanges === internals.ownerChanges ? ownerNow(internals) : null;
}

/**
 * Keeps the answers of one person from the next, where axios-cache-interceptor answers requests before they come to the session: an
 * answer is found by its owner only. Of a request without an owner nothing is cached, since it may yet get the token of one.
 *
 * @param config - of a request that the session has a part in, when it is called; the cache may have been set up just before
 */
export function cacheByOwner(instance: AxiosInstance, call: Call, config: Config): void {
  const cache = instance as AxiosInstance & Partial<Cache>;
  const { generateKey, storage } = cache;
  if (typeof generateKey !== 'function') return;
  config.sessionOwner = ownerOfCall(call);
  if (known.has(generateKey)) return;
  const ownerOf = (config: Config): string | null | undefined => {
    if (hasOptedOut(config)) return undefined;
    const first = callOfAdapter(config.adapter);
    if (first) return ownerOfCall(first);
    // An interceptor may have made another config in place of the one that knew its owner.
    const owner = readProperty(config, 'sessionOwner') as string | null | undefined;
    return owner === undefined ? ownerNow(call.internals) : owner;
  };
  cache.generateKey = (config, meta) => {
    // A config that is used again brings the key that was made of it.
    const [key = ''] = String(generateKey(config, meta)).split(MARK);
    const owner = ownerOf(config);
    if (owner === null && config.cache !== false) config.cache = { ...config.cache, methods: [] };
    return owner ? key + MARK + owner : key;
  };
  known.add(cache.generateKey);
  if (!storage) return;
  // Apps give requests an `id`, by which they update and remove answers.
  for (const name of ['get', 'set', 'remove'] as const) {
    const access = storage[name];
    storage[name] = (key, ...rest) => {
      const owner = ownerOf(Object(rest.at(-1)) as Config);
      return access.call(storage, owner && !key.includes(MARK) ? key + MARK + owner : key, ...rest);
    };
  }
}

/** Fails the requests that wait for the answer of this one: the cache sees to that for errors of axios only, and else they wait for ever. */
export function failCached(instance: AxiosInstance, config: Config, error: unknown): void {
  const { waiting, storage } = instance as AxiosInstance & Partial<Cache>;
  const others = waiting?.get(config.id ?? '');
  if (!others || readProperty(error, 'isAxiosError')) return;
  waiting?.delete(config.id ?? '');
  const fail = (): void => {
    others.reject(error);
  };
  Promise.resolve(storage?.remove(config.id ?? '', config)).then(fail, fail);
}
