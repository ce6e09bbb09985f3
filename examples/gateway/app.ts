import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { sessionFetch } from 'sluice/fetch';
import { isSluiceError } from 'sluice/session';
import type { People } from './people.ts';

const COOKIE = 'gateway';
/** Chromium and Firefox take `localhost` for secure, so the cookie works there over HTTP as well. Safari needs HTTPS. */
const cookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'Lax' } as const;

/** What one worker serves: sign-in, sign-out, and the API of the upstream with the tokens of the person whose cookie came. */
export function gatewayApp(people: People, upstream: string): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('x-worker', String(process.pid));
  });
  app.use(csrf());

  app.get('/', async (context) => context.html(await readFile(new URL('page.html', import.meta.url), 'utf8')));

  app.post('/login', async (context) => {
    const { user, password } = await context.req.json<{ user: string; password: string }>();
    const tokens = await people.signIn(user, password);
    if (!tokens) return context.json({ error: 'wrong user or password' }, 401);
    // A new cookie for each sign-in: one that was there before may be known to somebody else.
    const cookie = randomBytes(32).toString('base64url');
    await people.of(cookie).signIn(tokens);
    setCookie(context, COOKIE, cookie, cookieOptions);
    return context.body(null, 204);
  });

  app.post('/logout', async (context) => {
    // First of all, so that the browser forgets the cookie also if Redis cannot be told now: the sign-out is tried again.
    const cookie = deleteCookie(context, COOKIE, cookieOptions);
    if (cookie !== undefined) await people.of(cookie).signOut();
    return context.body(null, 204);
  });

  app.get('/api/*', async (context) => {
    const cookie = getCookie(context, COOKIE);
    if (cookie === undefined) return context.json({ error: 'signed out' }, 401);
    const send = sessionFetch(people.of(cookie), { trustedOrigins: [upstream] });
    const { pathname, search } = new URL(context.req.url);
    const { signal } = context.req.raw;
    try {
      const { status, headers, body } = await send(`${upstream}${pathname}${search}`, { signal });
      const type = headers.get('content-type');
      return new Response(body, { status, ...(type !== null && { headers: { 'content-type': type } }) });
    } catch (error) {
      return failed(context, error);
    }
  });
  return app;
}

/**
 * Answers 503 for a failure of the session that may be gone later, and 401 if the person has to sign in again. A request that failed for
 * another reason has not reached the upstream: 502.
 */
function failed(context: Context, error: unknown): Response {
  if (!isSluiceError(error)) return context.json({ error: 'the upstream cannot be reached' }, 502);
  if (error.code !== 'refresh-failed') return context.json({ error: 'signed out' }, 401);
  return context.json({ error: `no new token: ${error.reason}` }, 503, { 'retry-after': '1' });
}
