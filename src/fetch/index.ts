export { type ResponseHead, sessionFetch, type SessionFetchOptions } from './session-fetch.ts';
