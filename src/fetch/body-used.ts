import { BodyUsedError } from '../session/index.ts';
import { isOneShot } from '../session/internal.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/**
 * Throws if a request that was sent, and must be resent, has a body that can be read only once.
 *
 * @param response - the 401 or the redirect because of which the request must be resent; becomes the error's `cause`
 * @throws BodyUsedError
 */
export function refuseUsedBody({ copy, init }: OutgoingRequest, response: Response): void {
  if (copy?.bodyUsed || isOneShot(init.body))
    throw new BodyUsedError('The request must be sent again, but its body has been read.', response);
}
