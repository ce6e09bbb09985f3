// Session
export {
  classifyRefreshError,
  createSession,
  memoryStore,
  retryOnUnauthorized,
  type RefreshContext,
  type RefreshErrorKind,
  type RefreshReason,
  type RefreshRetryOptions,
  type RetryOnUnauthorizedOptions,
  type Session,
  type SessionEvent,
  type AuthorizeRequest,
  type RequestHeaders,
  type SessionOptions,
  type SessionState,
  type SessionStatus,
  type SharedStore,
  type SignOutReason,
  type TokenSet,
  type TokenStore,
} from './session/index.ts';

// Http
export {
  attachSession,
  createClient,
  withoutSession,
  type BodyFactory,
  type Client,
  type ClientOptions,
  type RequestEvent,
  type RequestOptions,
  type SendRequest,
  type SendWithBody,
  type SendWithoutBody,
  type AttachSessionOptions,
  type AxiosLike,
} from './http/index.ts';

// Errors
export {
  type AnySluiceError,
  BodyUsedError,
  InvalidInputError,
  isSluiceError,
  RefreshFailedError,
  SchemaMismatchError,
  SessionChangedError,
  SessionExpiredError,
  SluiceError,
  StoreFailedError,
  StreamFailedError,
  type RefreshFailureReason,
  type SluiceErrorCode,
  type StreamFailureReason,
} from './session/index.ts';
