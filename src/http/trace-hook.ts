import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AdapterChoice } from './response.ts';

/**
 * Serves one request: sends it, as often as it takes.
 *
 * @param choice - the adapter for each send
 * @param onHeld - called whenever the request begins to wait for the session
 */
type Serve = (choice: AdapterChoice, onHeld?: () => void) => Promise<AxiosResponse>;

/** Calls `serve` for a request, and follows the request by passing an adapter and a callback of its own to `serve`. */
export type TraceHook = (
  config: InternalAxiosRequestConfig,
  choice: AdapterChoice,
  serve: Serve,
) => Promise<AxiosResponse>;

/** Where an axios instance has its hook. A registered symbol, so that each installed copy of the package finds it. */
export const traceKey: unique symbol = Symbol.for('sluice.trace');

/** An axios instance, or what looks like one. */
export interface Traceable {
  [traceKey]?: TraceHook;
}

/** Returns the hook that `sluice/devtools` sets while it has listeners. Without listeners, tracing costs this property read only. */
export function traceHookOf(instance: object): TraceHook | undefined {
  return (instance as Traceable)[traceKey];
}
