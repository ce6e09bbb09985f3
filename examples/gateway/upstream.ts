import { setTimeout as pause } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { TokenBook } from '../demo/api/tokens.ts';

const LIFETIME_SECONDS = 10;

/** An API whose access tokens live for ten seconds and whose refresh tokens are good for one use. */
export function serveUpstream(port: string): void {
  const book = new TokenBook(LIFETIME_SECONDS);
  const counts = { requests: 0, unauthorized: 0, refreshes: 0, refused: 0 };
  const app = new Hono();

  app.post('/api/login', async (context) => {
    const { user, password } = await context.req.json<{ user: string; password?: string }>();
    if (password === 'wrong') return context.json({ error: 'wrong password' }, 401);
    return context.json(await book.login(user));
  });
  app.post('/api/refresh-token', async (context) => {
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    counts.refreshes += 1;
    await pause(200);
    const tokens = await book.refresh(refreshToken);
    if (tokens) return context.json(tokens);
    counts.refused += 1;
    return context.json({ error: 'invalid_grant' }, 400);
  });
  app.post('/api/revoke', async (context) => {
    const { token } = await context.req.json<{ token: string }>();
    book.revoke(token);
    return context.body(null, 204);
  });
  app.get('/api/*', async (context) => {
    counts.requests += 1;
    const user = await book.userOf(context.req.header('authorization'));
    if (user !== null) return context.json({ user, counts });
    counts.unauthorized += 1;
    return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });
  serve({ fetch: app.fetch, port: Number(port) });
}
