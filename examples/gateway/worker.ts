import { serve } from '@hono/node-server';
import { createClient } from 'redis';
import { gatewayApp } from './app.ts';
import { createPeople } from './people.ts';
import type { Settings } from './settings.ts';

/** One process of the gateway. All share the port and Redis, and nothing else. */
export async function startWorker(settings: Settings): Promise<void> {
  const redis = createClient({ url: settings.redis });
  redis.on('error', (error: Error) => console.warn(`Redis: ${error.message}`));
  await redis.connect();
  const people = createPeople(redis, settings);
  serve({ fetch: gatewayApp(people, settings.upstream).fetch, port: settings.port });
}
