// What the other folders of this package need of a session, and applications do not.
export type { RequestHeaders, RequestTarget } from './authorize-request.ts';
export { bringsCredentials, type SessionInternals, internalsOf } from './session-internals.ts';
export { isOneShot } from './one-shot-body.ts';
export { checkedOrigins, originOf, page, parseUrl } from './origins.ts';
export { assertKnownOptions, isDevelopment } from './known-options.ts';
export { readProperty } from './read-property.ts';
export { RequestLifecycle, type RequestStart, startOf } from './request-lifecycle.ts';
export { UNNAMED_OWNER } from './owner.ts';
export { randomId } from './random-id.ts';
export { kindOf } from './token-set.ts';
export { isPromiseLike } from './token-store.ts';
