import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import { TokenBook } from '../demo/api/tokens.ts';

/** One refresh that the server has seen. */
export interface Refresh {
  /** 1 for the first since the server started. */
  readonly n: number;
  /** The tab that sent it. */
  readonly tab: string;
  /** Whether its refresh token was the newest. A token that is used twice ends the sign-in. */
  readonly isAccepted: boolean;
}

/** What the server has seen of one tab. */
export interface TabCounts {
  readonly tab: string;
  requests: number;
  unauthorized: number;
  refreshes: number;
}

/** What the server has seen of all tabs. */
export interface ServerReport {
  readonly tabs: readonly TabCounts[];
  readonly refreshes: readonly Refresh[];
}

/** The header in which a tab sends its name. */
const TAB = 'x-tab';

/**
 * An API whose access tokens live for seconds and whose refresh tokens are good for one use. It counts by tab what it
 * receives.
 */
export function manyTabsApi(lifetimeSeconds: number): Hono {
  const book = new TokenBook(lifetimeSeconds);
  const tabs = new Map<string, TabCounts>();
  const refreshes: Refresh[] = [];
  let opened = 0;
  const countsOf = (tab = 'unnamed'): TabCounts => {
    const counts = tabs.get(tab) ?? { tab, requests: 0, unauthorized: 0, refreshes: 0 };
    tabs.set(tab, counts);
    return counts;
  };
  const app = new Hono();

  app.post('/api/tab', (context) => {
    opened += 1;
    return context.json({ tab: countsOf(`Tab ${opened}`).tab });
  });

  app.post('/api/login', async (context) => {
    const { user } = await context.req.json<{ user: string }>();
    return context.json(await book.login(user));
  });

  app.post('/api/refresh-token', async (context) => {
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    const counts = countsOf(context.req.header(TAB));
    counts.refreshes += 1;
    // Long enough for the requests of all tabs to wait for it.
    await pause(400);
    const tokens = await book.refresh(refreshToken);
    refreshes.push({ n: refreshes.length + 1, tab: counts.tab, isAccepted: tokens !== null });
    return tokens ? context.json(tokens) : context.json({ error: 'invalid_grant' }, 400);
  });

  app.post('/api/revoke', async (context) => {
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    book.revoke(refreshToken);
    return context.body(null, 204);
  });

  app.get('/api/hello/*', async (context) => {
    const counts = countsOf(context.req.header(TAB));
    counts.requests += 1;
    const user = await book.userOf(context.req.header('authorization'));
    await pause(60);
    if (user !== null) return context.json({ message: `Hello ${user}` });
    counts.unauthorized += 1;
    return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });

  app.post('/api/expire', (context) => {
    book.expire();
    return context.body(null, 204);
  });
  app.get('/api/report', (context) => context.json<ServerReport>({ tabs: [...tabs.values()], refreshes }));
  return app;
}
