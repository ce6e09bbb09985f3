// What other folders of this package import from here. None of it is public.
export type { RequestHeaders, RequestTarget } from './authorize-request.ts';
export { bringsCredentials, type SessionInternals, internalsOf } from './session-internals.ts';
export { assertOption } from './assert-option.ts';
export { askedDelayMs, retryAfterMs } from './backoff.ts';
export { causesOf, headerOf, isUnsendable, statusOf, valuesOf } from './http-outcome.ts';
export { isOneShot } from './one-shot-body.ts';
export { checkedOrigins, originOf, page, parseUrl } from './origins.ts';
export { LONGEST_DELAY_MS } from './with-timeout.ts';
export { assertKnownOptions, isDevelopment, ownOptions } from './known-options.ts';
export { readProperty } from './read-property.ts';
export { RequestLifecycle, type RequestStart, startOf } from './request-lifecycle.ts';
export { UNNAMED_OWNER } from './owner.ts';
export { randomId } from './random-id.ts';
export { SingleHolder } from './single-holder.ts';
export { openPort, type RefreshLease, type RefreshTurn, type Stored, type StorePort } from './store-port.ts';
export { checkTokens, kindOf } from './token-set.ts';
export { isPromiseLike } from './token-store.ts';
export { withTimeout } from './with-timeout.ts';
