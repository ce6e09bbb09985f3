export { createClient, type Client, type ClientOptions } from './client.ts';
export type {
  RequestEvent,
  RequestOptions,
  SendRequest,
  SendWithBody,
  SendWithoutBody,
  TransferProgress,
} from './request-options.ts';
export type { BodyFactory } from './request-body.ts';
export { attachSession, withoutSession, type AttachSessionOptions } from './attach-session.ts';
export type { AxiosLike } from './axios-like.ts';
