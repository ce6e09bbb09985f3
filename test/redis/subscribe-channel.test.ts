import type { IoRedisClient, NodeRedisClient, NodeRedisSubscriber } from 'sluice/redis';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { subscribeChannel } from '../../src/redis/subscribe-channel.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unused = (): Promise<never> => Promise.reject(new Error('not called'));

/** As node-redis before version 6: closing a connection that has given up fails. */
class Subscriber extends EventEmitter implements NodeRedisSubscriber {
  isOpen = true;
  connect = (): Promise<void> => Promise.resolve();
  subscribe = (): Promise<void> => Promise.resolve();
  destroy(): void {
    if (!this.isOpen) throw new Error('The client is closed');
    this.isOpen = false;
  }
}

function nodeRedis(): { client: NodeRedisClient; connections: Subscriber[] } {
  const connections: Subscriber[] = [];
  const duplicate = (): Subscriber => {
    const connection = new Subscriber();
    connections.push(connection);
    return connection;
  };
  return { client: { get: unused, eval: unused, evalSha: unused, duplicate }, connections };
}

it('a node-redis connection that reports an error and reconnects is kept', async () => {
  const { client, connections } = nodeRedis();
  const subscription = subscribeChannel(client, 'news').subscribe();
  connections[0]?.emit('error', new Error('Socket closed unexpectedly'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connections).toHaveLength(1);
  subscription.unsubscribe();
  expect(connections[0]?.isOpen).toBe(false);
});

it('a node-redis connection that has given up is replaced after a second, although it cannot be closed', async () => {
  const { client, connections } = nodeRedis();
  const messages: (string | null)[] = [];
  const subscription = subscribeChannel(client, 'news').subscribe((message) => messages.push(message));
  await vi.advanceTimersByTimeAsync(0);
  expect(messages).toEqual([null]);
  const [first] = connections;
  if (first) first.isOpen = false;
  first?.emit('error', new Error('Socket closed unexpectedly'));
  await vi.advanceTimersByTimeAsync(999);
  expect(connections).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(connections).toHaveLength(2);
  expect(messages).toEqual([null, null]);
  subscription.unsubscribe();
  expect(connections[1]?.isOpen).toBe(false);
});

it('an ioredis connection that has ended is replaced after a second, and not once nobody listens', async () => {
  const connections: EventEmitter[] = [];
  const duplicate = (): ReturnType<IoRedisClient['duplicate']> => {
    const connection = Object.assign(new EventEmitter(), {
      status: 'connecting',
      connect: unused,
      subscribe: () => Promise.resolve(),
      disconnect: () => connection.emit('end'),
    });
    connections.push(connection);
    return connection;
  };
  const client: IoRedisClient = { get: unused, eval: unused, evalsha: unused, duplicate };
  const subscription = subscribeChannel(client, 'news').subscribe();
  connections[0]?.emit('end');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connections).toHaveLength(2);
  subscription.unsubscribe();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connections).toHaveLength(2);
});
