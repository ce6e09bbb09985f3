import type { AxiosAdapter, AxiosRequestConfig } from 'axios';

/** On adapters that know their session, if any: an instance that is attached leaves them alone. */
const wrapped: unique symbol = Symbol.for('sluice.wrapped');

export function markWrapped(adapter: AxiosAdapter & { [wrapped]?: boolean }): AxiosAdapter {
  adapter[wrapped] = true;
  return adapter;
}

/** Whether a request has opted out. */
export function isWithoutSession(config: AxiosRequestConfig): boolean {
  return (config as { session?: unknown }).session === false;
}

/** Whether a request has been given to a session already, or to none by a client that has none. */
export function isWrapped(adapter: unknown): boolean {
  return typeof adapter === 'function' && wrapped in adapter;
}
