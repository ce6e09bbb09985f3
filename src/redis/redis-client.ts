import { readProperty } from '../session/internal.ts';

/**
 * The methods of a node-redis client that are used: of a single connection, a cluster or a sentinel. A connection pool is refused: it has no
 * `duplicate`, which makes the second connection, on which changes are announced.
 */
export interface NodeRedisClient {
  /** Reads a record: `GET`. Must resolve with a string, or with `null` if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Runs the script that replaces a record, sent as text: `EVAL`. Called if Redis does not have the script yet. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Runs the same script by its SHA-1: `EVALSHA`. Must reject with an error whose message begins with `NOSCRIPT` if Redis lacks it. */
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Makes the second connection, which is not connected yet. Called when the first session of this client listens for changes. */
  duplicate(): NodeRedisSubscriber;
}

/** The methods of the second node-redis connection, for subscribing, that are used. */
export interface NodeRedisSubscriber {
  /** `false` before `connect`, and again when it is closed or its `reconnectStrategy` has given up. */
  readonly isOpen: boolean;
  /** Connects. If it rejects, a new connection is made a second later. */
  connect(): Promise<unknown>;
  /** Calls the listener with each message of the channel: `SUBSCRIBE`. node-redis repeats it by itself after a reconnection. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Listens for errors. If the connection is not open after one, a new connection is made. */
  on(event: 'error', listener: (error: unknown) => void): unknown;
  /** Listens for reconnections: the records are read again then, because messages may have been missed. */
  on(event: 'ready', listener: () => void): unknown;
  /** Closes the connection. Before version 5 of node-redis it is called `disconnect`. */
  destroy?(): unknown;
  /** Closes the connection of a node-redis before version 5. Not called if there is `destroy`. */
  disconnect?(): unknown;
}

/** The methods of an ioredis or iovalkey client that are used: of a single connection or a cluster. */
export interface IoRedisClient {
  /** Reads a record: `GET`. Must resolve with a string, or with `null` if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Runs the script that replaces a record, sent as text: `EVAL`. Called if Redis does not have the script yet. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Runs the same script by its SHA-1: `EVALSHA`. Must reject with an error whose message begins with `NOSCRIPT` if Redis lacks it. */
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Makes the second connection. Called when the first session of this client listens for changes. */
  duplicate(): IoRedisSubscriber;
}

/** The methods of the second ioredis connection, for subscribing, that are used. */
export interface IoRedisSubscriber {
  /** `'wait'` if the client has `lazyConnect` and must be connected; every other value means that it connects by itself. */
  readonly status: string;
  /** Connects. Called only if `status` is `'wait'`. If it rejects, a new connection is made a second later. */
  connect(): Promise<unknown>;
  /** Subscribes to the channel: `SUBSCRIBE`. Called at each `ready`, also after a reconnection. */
  subscribe(channel: string): Promise<unknown>;
  /** Listens for messages of all channels. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  /**
   * Listens for `error`, which is ignored because the client of the app reports the same outage; for `ready`, each connection; and for
   * `end`, after which a new connection is made, because ioredis has given up.
   */
  on(event: 'error' | 'ready' | 'end', listener: () => void): unknown;
  /** Closes the connection. */
  disconnect(): unknown;
}

/** A client that `redisStore` accepts: of `redis` (node-redis), `ioredis` or `iovalkey`, recognised by its methods. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** Whether the client is one of node-redis, which spells the method `evalSha`. ioredis spells it `evalsha`. */
export const isNodeRedis = (client: RedisClient): client is NodeRedisClient =>
  typeof readProperty(client, 'evalSha') === 'function';

export const isRedisClient = (value: unknown): boolean =>
  ['get', 'eval', 'duplicate'].every((name) => typeof readProperty(value, name) === 'function') &&
  ['evalSha', 'evalsha'].some((name) => typeof readProperty(value, name) === 'function');
