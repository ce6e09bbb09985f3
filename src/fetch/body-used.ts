import { BodyUsedError } from '../session/index.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/**
 * Throws if a request that must be resent has a body that was read already.
 *
 * @param response - the 401 or the redirect because of which the request must be resent; becomes the error's `cause`
 * @throws BodyUsedError
 */
export function refuseUsedBody({ copy }: OutgoingRequest, response: Response): void {
  if (copy?.bodyUsed) throw new BodyUsedError('The request must be sent again, but its body has been read.', response);
}
