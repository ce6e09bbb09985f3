import { randomId } from './random-id.ts';

/**
 * The owner of tokens that were stored before owners existed, or by code that keeps none. The same for all holders, so that two
 * tabs which restore the same entry know each other's refreshes.
 */
export const UNNAMED_OWNER = 'unnamed';

/** Names a new sign-in. */
export const newOwner: () => string = randomId;
