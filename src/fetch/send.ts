import { originOf, type RequestHeaders } from '../session/internal.ts';
import { type Answer, followRedirects, type Sender } from './follow-redirects.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { withToken } from './with-token.ts';

/**
 * Sends a request with the headers of the token besides its own.
 *
 * @param controller - ends the request, its body included, as the caller's signal does
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
    signal: signal ? anySignal(signal, controller) : controller.signal,
    // The platform resets these when a `Request` is sent with other headers, or is redirected here. What else it has is of no effect
    // where redirects can be followed here.
    ...(copy && { referrer: copy.referrer, referrerPolicy: copy.referrerPolicy, integrity: copy.integrity }),
  };
  const { redirect = 'follow' } = copy ?? init;
  // Of the headers of a token, the platform takes only `Authorization` off a redirect that leaves the origin.
  if (redirect === 'follow' && Object.keys(authorization).some((name) => !/^authorization$/i.test(name)))
    return followRedirects(request, init, authorization, sender);
  const response = await sender.send(copy ?? url, init);
  return { response, hasSeenToken: !response.redirected || originOf(response.url) === originOf(url) };
}

/** @param controller - follows the other signal where the platform cannot join two (Safari before 17.4, React Native) */
function anySignal(signal: AbortSignal, controller: AbortController): AbortSignal {
  if ((AbortSignal as Partial<typeof AbortSignal>).any) return AbortSignal.any([signal, controller.signal]);
  signal.addEventListener(
    'abort',
    () => {
      controller.abort(signal.reason);
    },
    { once: true },
  );
  return controller.signal;
}
