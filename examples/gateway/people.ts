import { createHash } from 'node:crypto';
import { createSessionPool, type SessionPool, type TokenSet } from 'sluice/session';
import { redisStore, type RedisClient } from 'sluice/redis';
import type { Settings } from './settings.ts';

interface TokenAnswer {
  readonly jwtToken: string;
  readonly refreshToken: string;
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** The sessions of all people, each under a key of Redis that all workers share. */
export interface People {
  /** @param cookie - the value of the person's cookie, which is a secret */
  of(cookie: string): ReturnType<SessionPool['of']>;
  /** Gets the first tokens of a person; `null` if the upstream refuses. */
  signIn(this: void, user: string, password: string): Promise<TokenSet | null>;
}

export function createPeople(redis: RedisClient, { upstream, leaseMs }: Settings): People {
  const post = (path: string, body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(`${upstream}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-worker': String(process.pid) },
      body: JSON.stringify(body),
      signal: signal ?? null,
    });
  const tokensIn = async (answer: Response): Promise<TokenSet> => {
    const { jwtToken, refreshToken } = (await answer.json()) as TokenAnswer;
    return { accessToken: jwtToken, refreshToken };
  };
  const pool = createSessionPool({
    create: (key) => ({
      store: redisStore(redis, key, { ttlMs: WEEK_MS, leaseMs }),
      storeTimeoutMs: 5_000,
      refresh: async (current, { signal }) => {
        const answer = await post('/api/refresh-token', { refreshToken: current?.refreshToken }, signal);
        if (answer.ok) return tokensIn(answer);
        // The status and the body tell the session whether it is over.
        const { status, headers } = answer;
        const data: unknown = await answer.json().catch(() => null);
        throw Object.assign(new Error(`The upstream answered ${String(status)}.`), {
          response: { status, headers, data },
        });
      },
      revoke: ({ refreshToken }) => post('/api/revoke', { token: refreshToken }),
    }),
  });
  return {
    // Keys of Redis appear in its logs, so the key is a hash of the cookie.
    of: (cookie) => pool.of(`session:${createHash('sha256').update(cookie).digest('base64url')}`),
    signIn: async (user, password) => {
      const answer = await post('/api/login', { user, password });
      return answer.ok ? tokensIn(answer) : null;
    },
  };
}
