import { readProperty } from '../session/internal.ts';

/** What is used of a client of node-redis (`redis`): a single connection, a cluster or a sentinel. Not a pool, which cannot be duplicated. */
export interface NodeRedisClient {
  get(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
}

/** What is used of a second connection of node-redis. */
export interface NodeRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: 'error' | 'ready', listener: () => void): unknown;
  /** Before version 5 there is `disconnect` instead. */
  destroy?(): unknown;
  disconnect?(): unknown;
}

/** What is used of a client of ioredis or iovalkey: a single connection or a cluster. */
export interface IoRedisClient {
  get(key: string): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  duplicate(): IoRedisSubscriber;
}

/** What is used of a second connection of ioredis. */
export interface IoRedisSubscriber {
  readonly status: string;
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error' | 'ready', listener: () => void): unknown;
  disconnect(): unknown;
}

export type RedisClient = NodeRedisClient | IoRedisClient;

/** Both have `evalsha` in some spelling; only node-redis writes it like this. */
export const isNodeRedis = (client: RedisClient): client is NodeRedisClient =>
  typeof readProperty(client, 'evalSha') === 'function';

export const isRedisClient = (value: unknown): boolean =>
  ['get', 'eval', 'duplicate'].every((name) => typeof readProperty(value, name) === 'function') &&
  ['evalSha', 'evalsha'].some((name) => typeof readProperty(value, name) === 'function');
