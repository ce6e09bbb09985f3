export { dedupe, type DedupeOptions } from './dedupe.ts';
export { isTemporary } from './is-temporary.ts';
export { nextLink } from './next-link.ts';
export { paginate, type PaginateOptions } from './paginate.ts';
export {
  type RequestProgress,
  type RequestProgressEvent,
  type RequestSnapshot,
  type RequestState,
  toSnapshot,
} from './request-state.ts';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.ts';
export { type RequestStateOptions, toRequestState } from './to-request-state.ts';
