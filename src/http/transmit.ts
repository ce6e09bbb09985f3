import axios, { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hideRequest } from './response.ts';

/** What axios accepts as an adapter: a function, a name, or a list of them. */
export type AdapterChoice = Parameters<typeof axios.getAdapter>[0];

/**
 * Sends by an adapter of this copy of axios, and lets answers and errors carry the caller's config, not that of the send, in which
 * the token is.
 *
 * @param sent - what to send, if not the caller's config
 */
export async function transmit(
  choice: AdapterChoice,
  config: InternalAxiosRequestConfig,
  sent: InternalAxiosRequestConfig = config,
): Promise<AxiosResponse> {
  // An instance of another copy of axios (one of CommonJS, say) has headers of a class that this copy cannot read, nor it ours.
  const isOurs = config.headers instanceof AxiosHeaders;
  const asAsked = (response: AxiosResponse): void => {
    response.config = config;
    hideRequest(response);
    if (!isOurs) response.headers = Object.assign({}, response.headers);
  };
  try {
    const request = isOurs ? sent : { ...sent, headers: ownHeaders(sent) };
    const response = await axios.getAdapter(choice, request)(request);
    asAsked(response);
    return response;
  } catch (error) {
    if (error instanceof Error && 'config' in error) {
      error.config = config;
      hideRequest(error);
      const { response } = error as { response?: AxiosResponse };
      if (response) asAsked(response);
    }
    throw error;
  }
}

/** The headers of a request, in this copy's class. */
export function ownHeaders({ headers }: InternalAxiosRequestConfig): AxiosHeaders {
  return headers instanceof AxiosHeaders ? headers : new AxiosHeaders(Object.assign({}, headers));
}
