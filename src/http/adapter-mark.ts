import type { AxiosAdapter, AxiosRequestConfig } from 'axios';
import { readProperty } from '../session/internal.ts';
import type { Call } from './call.ts';

/**
 * On adapters that know their session, if any: an instance that is attached leaves them alone. Gives the call that the adapter was made
 * for. A function, because a config that is logged shows what its adapter carries; and no WeakMap, which costs as much as the rest of
 * a call and which another copy of this package could not read.
 */
const markKey: unique symbol = Symbol.for('sluice.wrapped');

type Marked = AxiosAdapter & { [markKey]?: () => Call | undefined };

/** @param call - the call that the adapter is made for, if a session serves it */
export function markAdapter(adapter: AxiosAdapter, call?: Call): AxiosAdapter {
  (adapter as Marked)[markKey] = () => call;
  return adapter;
}

/** The call that an adapter was made for. An interceptor that retries a request calls the instance with the same adapter. */
export function callOfAdapter(adapter: AxiosRequestConfig['adapter']): Call | undefined {
  return typeof adapter === 'function' ? (adapter as Marked)[markKey]?.() : undefined;
}

/** Whether a request has opted out. */
export function hasOptedOut(config: AxiosRequestConfig): boolean {
  return readProperty(config, 'session') === false;
}

/** Whether a request has been given to a session already, or to none by a client that has none. */
export function isMarkedAdapter(adapter: unknown): boolean {
  return typeof adapter === 'function' && markKey in adapter;
}
