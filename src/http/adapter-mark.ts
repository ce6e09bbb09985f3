import type { AxiosAdapter, AxiosRequestConfig } from 'axios';
import { readProperty } from '../session/internal.ts';
import type { Call } from './call.ts';

/**
 * On adapters that know their session, if any: an instance that is attached leaves them alone, also one that another copy of Sluice has
 * attached. Gives the call rather than being it: a config that is logged shows what its adapter carries.
 */
const wrapped: unique symbol = Symbol.for('sluice.wrapped');

type Wrapped = AxiosAdapter & { [wrapped]?: () => Call | undefined };

/** @param call - the call that the adapter is made for, if a session serves it */
export function markWrapped(adapter: Wrapped, call?: Call): AxiosAdapter {
  adapter[wrapped] = () => call;
  return adapter;
}

/** The call that an adapter was made for. An interceptor that retries a request calls the instance with the same adapter. */
export function firstCall(adapter: AxiosRequestConfig['adapter']): Call | undefined {
  return typeof adapter === 'function' ? (adapter as Wrapped)[wrapped]?.() : undefined;
}

/** Whether a request has opted out. */
export function isWithoutSession(config: AxiosRequestConfig): boolean {
  return readProperty(config, 'session') === false;
}

/** Whether a request has been given to a session already, or to none by a client that has none. */
export function isWrapped(adapter: unknown): boolean {
  return typeof adapter === 'function' && wrapped in adapter;
}
