import { eitherSignal, originOf, type RequestHeaders } from '../session/internal.ts';
import { type Answer, followRedirects, type Sender } from './follow-redirects.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { withToken } from './with-token.ts';

/**
 * Sends a request once, with the token's headers in addition to its own.
 *
 * @param controller - aborts the request, or later the body of its response. The caller's own signal still aborts them, too
 */
export async function send(
  request: OutgoingRequest,
  authorization: RequestHeaders,
  controller: AbortController,
  sender: Sender,
): Promise<Answer> {
  const { url, copy, signal } = request;
  const init: RequestInit = {
    ...request.init,
    headers: withToken(request.headers, authorization),
    signal: signal ? eitherSignal(controller.signal, signal) : controller.signal,
    // Pass on these three properties of a `Request`: the platform resets its referrer and policy because `init` is given, and after a
    // redirect `followRedirects` sends a URL, without the `Request`. The other properties have no effect where it can follow redirects.
    ...(copy && { referrer: copy.referrer, referrerPolicy: copy.referrerPolicy, integrity: copy.integrity }),
  };
  const { redirect = 'follow' } = copy ?? init;
  // On a redirect to another origin the platform drops `Authorization` only: a token in another header would go along.
  if (redirect === 'follow' && Object.keys(authorization).some((name) => !/^authorization$/i.test(name)))
    return followRedirects(request, init, authorization, sender);
  const response = await sender.send(copy ?? url, init);
  return { response, hasSeenToken: !response.redirected || originOf(response.url) === originOf(url) };
}
