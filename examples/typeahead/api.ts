import { setTimeout as pause } from 'node:timers/promises';
import * as rxjs from 'rxjs';
import type { AuthApi } from '../demo/api/auth-api.ts';
import type { Pace } from '../shared/page-config.ts';

/** A function of RxJS that the search finds. */
export interface Found {
  readonly name: string;
}

const all: readonly Found[] = Object.entries(rxjs)
  .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
  .map(([name]) => ({ name }));

/** Adds a search through the functions of RxJS, which takes its time. */
export function addSearch({ app, userOf }: AuthApi, pace: Pace): void {
  app.get('/api/search', async (context) => {
    if ((await userOf(context.req.header('authorization'))) === null)
      return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    const query = (context.req.query('q') ?? '').toLowerCase();
    const { signal } = context.req.raw;
    // `signal` aborts when the client closes the connection, so the server can stop a search whose result nobody waits for.
    await pause(pace.ms, undefined, { signal }).catch(() => undefined);
    const found = all.filter(({ name }) => name.toLowerCase().includes(query));
    const rank = ({ name }: Found): number => name.toLowerCase().indexOf(query);
    return context.json(found.sort((a, b) => rank(a) - rank(b)).slice(0, 12));
  });
}
