import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { randomId, readProperty, type SessionInternals, UNNAMED_OWNER } from '../session/internal.ts';
import { callOfAdapter, hasOptedOut } from './adapter-mark.ts';
import type { Call } from './call.ts';

/** The config of a request to an instance with axios-cache-interceptor. */
type Config = AxiosRequestConfig & {
  cache?: object | false;
  id?: string;
  /**
   * The owner whose cached responses the request may get, from `ownerOfCall`; axios copies the field with the config. `null` keeps the
   * request out of the cache. Absent if the session has no part in the request.
   */
  sessionOwner?: string | null;
};
type Access = (key: string, ...rest: [value: unknown, config?: Config] | [config?: Config]) => unknown;

/** What axios-cache-interceptor adds to an instance. */
interface Cache {
  generateKey: (config: Config, meta?: unknown) => string | number;
  readonly storage: Record<'get' | 'set' | 'remove', Access>;
  /** The requests that wait for the response to an equal request, by the key of that request. */
  readonly waiting: Map<string, { reject(error: unknown): void }>;
}

/** Separates the owner from the cache's own key. */
const MARK = '@owner:';
/** The `generateKey` functions that `cacheByOwner` has made, so that it does not wrap the same cache again at the next request. */
const known = new WeakSet<Cache['generateKey']>();
/** A random identifier for each session whose store keeps no owner. Two such sessions would otherwise share cached responses. */
const ids = new WeakMap<SessionInternals, string>();

/**
 * Returns the owner whose responses the cache may give out now. With a store that keeps no owner, everybody has the same one,
 * `UNNAMED_OWNER`, by which one person would get the responses of another. The result is then a random identifier of this session with the
 * number of owner changes.
 */
function ownerNow(internals: SessionInternals): string | null {
  const { state, ownerChanges } = internals;
  if (state.owner !== UNNAMED_OWNER) return state.owner;
  const id = ids.get(internals) ?? randomId();
  ids.set(internals, id);
  return `${id}.${ownerChanges}`;
}

/**
 * Returns the owner of a request; `null` if nobody was known to be signed in at the call, or if the owner has changed since. A request
 * with `null` must not get a response from the cache: it could be the response of somebody else.
 */
function ownerOfCall({ internals, start }: Call): string | null {
  return start.hasTokens && start.ownerChanges === internals.ownerChanges ? ownerNow(internals) : null;
}

/**
 * Makes axios-cache-interceptor keep the responses of different owners apart, by adding the owner to its keys. The cache responds to
 * requests before they reach the session, so it would give one person the response of another. The response to a request without an owner
 * is not cached, because that request may still get somebody's token.
 *
 * Called for each request, because an app may set up the cache at any time.
 *
 * @param config - of a request that the session has a part in
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
    // `sessionOwner` is missing if an interceptor has replaced the config: use the present owner.
    const owner = readProperty(config, 'sessionOwner') as string | null | undefined;
    return owner === undefined ? ownerNow(call.internals) : owner;
  };
  cache.generateKey = (config, meta) => {
    // A config that is used a second time may hold the key of its first use, with an owner in it: cut that owner off.
    const [key = ''] = String(generateKey(config, meta)).split(MARK);
    const owner = ownerOf(config);
    if (owner === null && config.cache !== false) config.cache = { ...config.cache, methods: [] };
    return owner ? key + MARK + owner : key;
  };
  known.add(cache.generateKey);
  if (!storage) return;
  // An app may give a request an `id`, which the cache uses in place of `generateKey`'s key: it needs the owner, too.
  for (const name of ['get', 'set', 'remove'] as const) {
    const access = storage[name];
    storage[name] = (key, ...rest) => {
      const owner = ownerOf(Object(rest.at(-1)) as Config);
      return access.call(storage, owner && !key.includes(MARK) ? key + MARK + owner : key, ...rest);
    };
  }
}

/**
 * Fails the requests that the cache lets wait for the response to this one. The cache does so itself only if the error is one of axios:
 * after another, such as `SessionExpiredError`, they would wait for ever.
 */
export function failWaitingForCache(instance: AxiosInstance, config: Config, error: unknown): void {
  const { waiting, storage } = instance as AxiosInstance & Partial<Cache>;
  const others = waiting?.get(config.id ?? '');
  if (!others || readProperty(error, 'isAxiosError')) return;
  waiting?.delete(config.id ?? '');
  const fail = (): void => {
    others.reject(error);
  };
  Promise.resolve(storage?.remove(config.id ?? '', config)).then(fail, fail);
}
