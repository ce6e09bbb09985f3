import { BodyUsedError } from '../session/index.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/**
 * @param response - the 401 because of which the request must be resent; becomes the error's `cause`
 * @throws BodyUsedError if the request cannot be resent because its body has been read
 */
export function refuseUsedBody({ copy }: OutgoingRequest, response: Response): void {
  if (copy?.bodyUsed)
    throw new BodyUsedError('The request has to be sent again, but its body has been read.', response);
}
