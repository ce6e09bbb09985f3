export type {
  IoRedisClient,
  IoRedisSubscriber,
  NodeRedisClient,
  NodeRedisSubscriber,
  RedisClient,
} from './redis-client.ts';
export { redisStore, type RedisStoreOptions } from './redis-store.ts';
