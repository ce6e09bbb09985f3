import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { concealToken, copyForSend, withCallerConfig } from './conceal-token.ts';
import { sendHeld } from './held-body.ts';
import { makeBody } from './request-body.ts';
import type { AdapterChoice } from './response.ts';
import { traceHookOf } from './trace-hook.ts';

/**
 * Sends a request that has no part in a session, with an adapter of this copy of axios. The adapter gets a copy of the config; the response
 * or the error has the caller's config.
 */
export async function sendAsIs(choice: AdapterChoice, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const sent = copyForSend(config);
  const conceal = (error: unknown): unknown => concealToken(error, config, sent);
  try {
    makeBody(sent, 0);
    return withCallerConfig(
      await sendHeld(sent, (request) => axios.getAdapter(choice, request)(request), conceal),
      config,
    );
  } catch (error) {
    throw conceal(error);
  }
}

/** Sends a request of this instance that has no part in a session, and lets `sluice/devtools` trace it. */
export function sendOutsideSession(
  instance: AxiosInstance,
  choice: AdapterChoice,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const hook = traceHookOf(instance);
  return hook ? hook(config, choice, (traced) => sendAsIs(traced, config)) : sendAsIs(choice, config);
}
