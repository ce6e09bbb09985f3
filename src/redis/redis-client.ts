import { readProperty } from '../session/internal.ts';

/**
 * The methods of a node-redis client that are used: of a single connection, a cluster or a sentinel. A connection pool is refused: it has no
 * `duplicate`, which makes the second connection, on which changes are announced.
 */
export interface NodeRedisClient {
  get(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
}

/** The methods of the second node-redis connection, for subscribing, that are used. */
export interface NodeRedisSubscriber {
  /** `false` before `connect`, and again when it is closed or its `reconnectStrategy` has given up. */
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  /** Closes the connection. Before version 5 of node-redis it is called `disconnect`. */
  destroy?(): unknown;
  disconnect?(): unknown;
}

/** The methods of an ioredis or iovalkey client that are used: of a single connection or a cluster. */
export interface IoRedisClient {
  get(key: string): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  duplicate(): IoRedisSubscriber;
}

/** The methods of the second ioredis connection, for subscribing, that are used. */
export interface IoRedisSubscriber {
  readonly status: string;
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error' | 'ready' | 'end', listener: () => void): unknown;
  disconnect(): unknown;
}

export type RedisClient = NodeRedisClient | IoRedisClient;

/** Whether the client is one of node-redis, which spells the method `evalSha`. ioredis spells it `evalsha`. */
export const isNodeRedis = (client: RedisClient): client is NodeRedisClient =>
  typeof readProperty(client, 'evalSha') === 'function';

export const isRedisClient = (value: unknown): boolean =>
  ['get', 'eval', 'duplicate'].every((name) => typeof readProperty(value, name) === 'function') &&
  ['evalSha', 'evalsha'].some((name) => typeof readProperty(value, name) === 'function');
