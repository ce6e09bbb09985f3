import type { AxiosAdapter, AxiosRequestConfig } from 'axios';
import { readProperty } from '../session/internal.ts';
import type { Call } from './call.ts';

/**
 * Marks the adapters that Sluice makes. An attached instance leaves a marked adapter alone: otherwise each request would be authorized and
 * resent by two adapters. The mark is a function that returns the `Call` (whose request the adapter serves): as a plain property, the
 * `Call` would show up wherever a config is logged. A WeakMap could not be read by another installed copy of Sluice, and takes as long as
 * the rest of a call.
 */
const markKey: unique symbol = Symbol.for('sluice.wrapped');

type Marked = AxiosAdapter & { [markKey]?: () => Call | undefined };

/** @param call - whose request the adapter serves, which `callOfAdapter` returns for a retry; by default none */
export function markAdapter(adapter: AxiosAdapter, call?: Call): AxiosAdapter {
  (adapter as Marked)[markKey] = () => call;
  return adapter;
}

/**
 * Returns the `Call` that an adapter was made for, if any. An interceptor that retries a request passes the adapter of the first try to the
 * instance, and the retry must keep the owner of that first try.
 */
export function callOfAdapter(adapter: AxiosRequestConfig['adapter']): Call | undefined {
  return typeof adapter === 'function' ? (adapter as Marked)[markKey]?.() : undefined;
}

/** Whether a request was made with `session: false`. */
export function hasOptedOut(config: AxiosRequestConfig): boolean {
  return readProperty(config, 'session') === false;
}

/** Whether Sluice made this adapter, so that a session, or a client without one, serves the request already. */
export function isMarkedAdapter(adapter: unknown): boolean {
  return typeof adapter === 'function' && markKey in adapter;
}
