import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import { TokenBook } from './tokens.ts';

/** What a person can do to the API. */
export interface Mischief {
  readonly refresh: 'ok' | 'slow' | '503' | 'refused';
  /** Connections break without a response. */
  readonly offline: boolean;
}

/** What the API has seen since the last reset. */
export interface Counts {
  requests: number;
  unauthorized: number;
  refreshes: number;
  /** Connections that the client closed before the response. */
  closedEarly: number;
}

export interface AuthApi {
  readonly app: Hono;
  readonly counts: Counts;
  mischief: Mischief;
  /** Makes every access token that was issued so far invalid. */
  expire(): void;
  /** Counts the request, and returns the user of its token; `null` if the token is dead or absent. */
  userOf(authorization: string | undefined): Promise<string | null>;
  /** Whether a token is still accepted, for responses that take long. Does not count as a request. */
  accepts(authorization: string | undefined): Promise<boolean>;
}

/** A small API with short-lived tokens: sign in, refresh, sign out, and something to ask for. */
export function authApi(lifetimeSeconds: number): AuthApi {
  const book = new TokenBook(lifetimeSeconds);
  const none: Counts = { requests: 0, unauthorized: 0, refreshes: 0, closedEarly: 0 };
  const counts = { ...none };
  const app = new Hono();
  const api: AuthApi = {
    app,
    counts,
    mischief: { refresh: 'ok', offline: false },
    expire: () => book.expire(),
    async userOf(authorization) {
      counts.requests += 1;
      const user = await book.userOf(authorization);
      if (user === null) counts.unauthorized += 1;
      return user;
    },
    accepts: async (authorization) => (await book.userOf(authorization)) !== null,
  };

  app.post('/api/login', async (context) => {
    const { user, password } = await context.req.json<{ user: string; password?: string }>();
    if (password === 'wrong') return context.json({ error: 'wrong password' }, 401);
    return context.json(await book.login(user));
  });

  app.post('/api/refresh-token', async (context) => {
    counts.refreshes += 1;
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    const { refresh } = api.mischief;
    await pause(refresh === 'slow' ? 2500 : 350);
    if (refresh === '503') return context.json({ error: 'try later' }, 503);
    const tokens = refresh === 'refused' ? null : await book.refresh(refreshToken);
    return tokens ? context.json(tokens) : context.json({ error: 'invalid_grant' }, 400);
  });

  app.post('/api/revoke', async (context) => {
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    book.revoke(refreshToken);
    return context.body(null, 204);
  });

  app.get('/api/test-get', async (context) => {
    const { signal } = context.req.raw;
    signal.addEventListener('abort', () => {
      counts.closedEarly += 1;
    });
    const n = Number(context.req.query('n') ?? 0);
    // As in a real API, responses take different times, so that some arrive during a refresh.
    await pause(150 + ((n * 137) % 500), undefined, { signal }).catch(() => undefined);
    const user = await api.userOf(context.req.header('authorization'));
    if (user !== null) return context.json({ message: `Hello ${user}`, n });
    return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });

  app.get('/api/control', (context) => context.json({ counts, mischief: api.mischief }));
  app.post('/api/control', async (context) => {
    const { expire, reset, ...mischief } =
      await context.req.json<Partial<Mischief & Record<'expire' | 'reset', true>>>();
    api.mischief = { ...api.mischief, ...mischief };
    if (expire) book.expire();
    if (reset) Object.assign(counts, none);
    return context.json({ counts, mischief: api.mischief });
  });
  return api;
}
