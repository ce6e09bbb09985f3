import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { RequestStart } from '../session/internal.ts';
import { bringsOwnCredentials } from './own-credentials.ts';
import type { AdapterChoice } from './response.ts';
import { sendAsIs } from './send-as-is.ts';
import { SessionRequest, type SessionRequestOptions } from './session-request.ts';
import { type TraceHook, traceHookOf } from './trace-hook.ts';

/**
 * Wraps the adapter of a request. The new adapter waits, authorizes, sends, and resends after a 401. All of that is below axios's
 * interceptors and transforms, which therefore run once for each request and never see a 401 after which the request is resent.
 *
 * @param start - the session's state when the request was made; it says whose request it is
 */
export function sessionAdapter(
  choice: AdapterChoice,
  options: SessionRequestOptions,
  start: RequestStart,
): AxiosAdapter {
  let transforms: InternalAxiosRequestConfig['transformRequest'];
  return (config) => {
    // The result of a body factory is transformed at each send. A retry has the adapter of the first try, but axios-retry has removed
    // its transforms, because any other body is transformed already: use those of the first try.
    if (typeof config.data === 'function') config.transformRequest = transforms ??= config.transformRequest ?? [];
    const hook = traceHookOf(options.instance);
    return hook ? serveTraced(hook, config, choice, options, start) : serve(config, choice, options, start);
  };
}

/** @param onHeld - called whenever the request begins to wait for the session */
function serve(
  config: InternalAxiosRequestConfig,
  choice: AdapterChoice,
  options: SessionRequestOptions,
  start: RequestStart,
  onHeld?: () => void,
): Promise<AxiosResponse> {
  const { internals, trusted } = options;
  if (!trusted.trusts(config) || internals.isOwnRequest(config.signal)) return sendAsIs(choice, config);
  if (!bringsOwnCredentials(config, internals)) return new SessionRequest(config, choice, options, start, onHeld).run();
  options.onOwnCredentials?.();
  return sendAsIs(choice, config);
}

/** A function of its own, so that a request that is not traced makes no closure for it. */
function serveTraced(
  hook: TraceHook,
  config: InternalAxiosRequestConfig,
  choice: AdapterChoice,
  options: SessionRequestOptions,
  start: RequestStart,
): Promise<AxiosResponse> {
  return hook(config, choice, (traced, onHeld) => serve(config, traced, options, start, onHeld));
}
