import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { ManySessions } from './many-sessions.ts';
import { startRedis } from './redis-server.ts';

it('ten thousand sessions on Redis in one process share one connection, have no timer, and cost 2 kB more than in memory', async () => {
  const redis = await startRedis('everysec');
  try {
    const script = fileURLToPath(new URL('./many-sessions.ts', import.meta.url));
    const flags = ['--expose-gc', '--conditions=sluice-source'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, redis.url]);
    const { sessions, bytesInMemory, bytesOnRedis, timers, connections } = JSON.parse(stdout) as ManySessions;
    expect(sessions).toBe(10_000);
    expect(timers).toEqual([0, 0, 0]);
    // The client's own connection, and one for the news of all sessions.
    expect(connections).toEqual([1, 2, 1]);
    console.log(`bytes a session: ${bytesInMemory.toFixed(0)} in memory, ${bytesOnRedis.toFixed(0)} on Redis`);
    expect(bytesOnRedis - bytesInMemory).toBeLessThan(2_000);
  } finally {
    await redis.close();
  }
});
