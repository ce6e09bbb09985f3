import { randomId } from './random-id.ts';

/**
 * The owner (identifier of the sign-in) of stored tokens that have none, because they were stored before owners existed or by a store that
 * drops the field. It is a constant, so that two tabs which restore the same tokens agree on the owner and adopt each other's refreshes.
 */
export const UNNAMED_OWNER = 'unnamed';

/** Creates the random identifier of a new sign-in. */
export const newOwner: () => string = randomId;
