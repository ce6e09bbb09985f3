import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { RequestStart } from '../session/internal.ts';
import { bringsOwnCredentials } from './own-credentials.ts';
import type { AdapterChoice } from './response.ts';
import { sendAsIs } from './send-as-is.ts';
import { SessionRequest, type SessionRequestOptions } from './session-request.ts';
import { type TraceHook, traceHookOf } from './trace-hook.ts';

/**
 * Wraps the adapter of a request. The new adapter waits, authorizes, sends, and resends after a 401. All of that is below axios's
 * interceptors and transforms, which therefore run once for each request and never see a 401 after which the request is resent. Two
 * exceptions: a body that a function makes is transformed at each send, and `isUnauthorized` gets each response transformed.
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
    // The result of a body factory is transformed at each send, also when axios-retry sends the config again with this adapter. But
    // axios-retry removes the transforms, because any other body is transformed already: use those of the first try.
    if (typeof config.data === 'function') config.transformRequest = transforms ??= config.transformRequest ?? [];
    const hook = traceHookOf(options.instance);
    return hook ? serveTraced(hook, config, choice, options, start) : serve(config, choice, options, start);
  };
}

/**
 * Makes the request one of the session, unless it goes to an untrusted origin, is made by `refresh`, or brings its own credentials: then it
 * is sent as it is.
 *
 * @param onHeld - called whenever the request begins to wait for the session
 */
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
