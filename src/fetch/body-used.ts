import { BodyUsedError } from '../session/index.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** @throws BodyUsedError if a request cannot be sent again after this answer, since its body has been read */
export function refuseUsedBody({ copy }: OutgoingRequest, answer: Response): void {
  if (copy?.bodyUsed) throw new BodyUsedError('The request has to be sent again, but its body has been read.', answer);
}
