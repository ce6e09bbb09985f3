// What the other folders of this package need of a session, and applications do not.
export { credentialNames, type SessionInternals, internalsOf } from './session-internals.ts';
export { assertKnownOptions } from './known-options.ts';
export { readProperty } from './read-property.ts';
export { RequestLifecycle, type RequestStart, startOf } from './request-lifecycle.ts';
export { isPromiseLike } from './token-store.ts';
