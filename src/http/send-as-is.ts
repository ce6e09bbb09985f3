import axios, { type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { asAsked, copyOf, failedAsAsked } from './conceal-token.ts';
import { holding } from './held-body.ts';
import { makeBody } from './request-body.ts';
import type { AdapterChoice } from './response.ts';

/** Sends a request that has no part in a session, by an adapter of this copy of axios. */
export async function sendAsIs(choice: AdapterChoice, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const sent = copyOf(config);
  const conceal = (error: unknown): unknown => failedAsAsked(error, config, sent);
  try {
    makeBody(sent, 0);
    return asAsked(await holding(sent, (request) => axios.getAdapter(choice, request)(request), conceal), config);
  } catch (error) {
    throw conceal(error);
  }
}
