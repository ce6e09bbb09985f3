import { Observable, retry } from 'rxjs';
import {
  type IoRedisClient,
  isNodeRedis,
  type NodeRedisClient,
  type NodeRedisSubscriber,
  type RedisClient,
} from './redis-client.ts';

const RETRY_MS = 1_000;

/**
 * Emits the messages of a channel, over a connection that is open as long as the subscription. Emits `null` at each connection and
 * reconnection, because messages may have been missed before. Never errors: the client reconnects, and if the app has told it to give up
 * (`reconnectStrategy`, `retryStrategy`), a new connection is made after `RETRY_MS`.
 */
export function subscribeChannel(client: RedisClient, channel: string): Observable<string | null> {
  return (isNodeRedis(client) ? overNodeRedis(client, channel) : overIoRedis(client, channel)).pipe(
    retry({ delay: RETRY_MS }),
  );
}

function overNodeRedis(client: NodeRedisClient, channel: string): Observable<string | null> {
  return new Observable((subscriber) => {
    const connection = client.duplicate();
    let isSubscribed = false;
    // Without a listener, an `error` event ends the process. The app's client reports the same outage. When node-redis has given up,
    // `isOpen` is false; while it reconnects, `isOpen` is true. Before version 6 it emits no event for giving up.
    connection.on('error', (error) => {
      if (!connection.isOpen) subscriber.error(error);
    });
    // After a reconnection node-redis emits `ready` when it has subscribed again.
    connection.on('ready', () => isSubscribed && subscriber.next(null));
    connection
      .connect()
      .then(() => connection.subscribe(channel, (message) => subscriber.next(message)))
      .then(
        () => {
          isSubscribed = true;
          subscriber.next(null);
        },
        (error: unknown) => subscriber.error(error),
      );
    return () => void close(connection);
  });
}

/** Closes the connection. Ignores the error that node-redis before version 6 throws or rejects with if it has given up already. */
async function close(connection: NodeRedisSubscriber): Promise<void> {
  try {
    await (connection.destroy ? connection.destroy() : connection.disconnect?.());
  } catch {
    // There is nothing left to close.
  }
}

function overIoRedis(client: IoRedisClient, channel: string): Observable<string | null> {
  return new Observable((subscriber) => {
    const connection = client.duplicate();
    connection.on('error', () => undefined);
    connection.on('message', (from, message) => {
      if (from === channel) subscriber.next(message);
    });
    // Subscribe at each `ready`, because the app may have turned off `autoResubscribe`. If this fails, the next `ready` tries again.
    connection.on('ready', () => {
      connection.subscribe(channel).then(
        () => subscriber.next(null),
        () => undefined,
      );
    });
    // ioredis emits `end` when it will not reconnect.
    connection.on('end', () => subscriber.error(new Error('The connection to Redis has ended.')));
    // With `lazyConnect`, the client connects at its first command, which may never come: connect now.
    if (connection.status === 'wait') connection.connect().catch((error: unknown) => subscriber.error(error));
    return () => void connection.disconnect();
  });
}
