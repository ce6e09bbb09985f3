import { Observable, retry } from 'rxjs';
import { type IoRedisClient, isNodeRedis, type NodeRedisClient, type RedisClient } from './redis-client.ts';

const RETRY_MS = 1_000;

/**
 * The messages of a channel, by a connection of its own that lasts as long as the subscription; `null` at each connection, since messages
 * may have been missed before it. Never errors: the client connects again, and where it has given up, a new one does after a second.
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
    // Without a listener, an `error` event ends the process. The client's own listener hears of the same trouble.
    connection.on('error', () => undefined);
    // It has subscribed again by then.
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
    return () => (connection.destroy ? connection.destroy() : connection.disconnect?.());
  });
}

function overIoRedis(client: IoRedisClient, channel: string): Observable<string | null> {
  return new Observable((subscriber) => {
    const connection = client.duplicate();
    connection.on('error', () => undefined);
    connection.on('message', (from, message) => {
      if (from === channel) subscriber.next(message);
    });
    // At each connection, because a client may be told not to subscribe again by itself. One that breaks meanwhile comes here again.
    connection.on('ready', () => {
      connection.subscribe(channel).then(
        () => subscriber.next(null),
        () => undefined,
      );
    });
    // A client that connects late: its own commands would make it connect, but there are none.
    if (connection.status === 'wait') connection.connect().catch((error: unknown) => subscriber.error(error));
    return () => void connection.disconnect();
  });
}
