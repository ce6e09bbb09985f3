import { readProperty } from '../session/internal.ts';
import { isNodeRedis, type RedisClient } from './redis-client.ts';

/** A Lua script, and its SHA-1, by which Redis finds a script that it has already run. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** Runs a script on one key: by its SHA-1, and by its text if Redis does not have the script. */
export async function runScript(
  client: RedisClient,
  { text, sha }: RedisScript,
  key: string,
  values: readonly string[],
): Promise<unknown> {
  const options = { keys: [key], arguments: [...values] };
  try {
    return await (isNodeRedis(client) ? client.evalSha(sha, options) : client.evalsha(sha, 1, key, ...values));
  } catch (error) {
    if (!String(readProperty(error, 'message')).startsWith('NOSCRIPT')) throw error;
  }
  return isNodeRedis(client) ? client.eval(text, options) : client.eval(text, 1, key, ...values);
}
