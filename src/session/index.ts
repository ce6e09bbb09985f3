// Sessions
export type { AuthorizeRequest, RequestHeaders } from './authorize-request.ts';
export { createSession, type Session } from './session.ts';
export {
  createSessionPool,
  type PoolExceededEvent,
  type SessionPool,
  type SessionPoolOptions,
} from './session-pool.ts';
export type { RefreshContext, SessionOptions } from './session-options.ts';
export type { SessionState, SessionStatus } from './session-state.ts';
export type { RefreshReason, SessionEvent, SignOutReason } from './events.ts';
export type { TokenSet } from './token-set.ts';
export { memoryStore, type TokenStore } from './token-store.ts';
export { classifyRefreshError, type RefreshErrorKind } from './classify-refresh-error.ts';
export type { RefreshRetryOptions } from './backoff.ts';

// Stores that many sessions share
export type { Cell } from './cell.ts';
export type { Codec } from './codec.ts';
export { memoryCell } from './memory-cell.ts';
export { sharedStore, type SharedStoreOptions } from './shared-store.ts';
export type { SharedStore } from './store-port.ts';
export type { StoredSession } from './stored-session.ts';

// Requests
export { retryOnUnauthorized, type RetryOnUnauthorizedOptions } from './retry-on-unauthorized.ts';

// Errors
export { type AnySluiceError, isSluiceError } from './errors.ts';
export { InvalidInputError } from './invalid-input-error.ts';
export { BodyUsedError, SchemaMismatchError, StreamFailedError, type StreamFailureReason } from './request-errors.ts';
export {
  RefreshFailedError,
  type RefreshFailureReason,
  SessionChangedError,
  SessionExpiredError,
  StoreFailedError,
} from './session-errors.ts';
export { SluiceError, type SluiceErrorCode } from './sluice-error.ts';
