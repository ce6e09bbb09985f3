import { setTimeout as pause } from 'node:timers/promises';
import { authApi, type AuthApi } from '../../demo/api/auth-api.ts';
import { ships } from './ships.ts';

/** The demo's API for tokens, with a harbour office's data under `/api/port`. */
export function portApi(lifetimeSeconds: number): AuthApi {
  const api = authApi(lifetimeSeconds);
  const { app, counts } = api;

  app.use('/api/port/*', async (context, next) => {
    if ((await api.userOf(context.req.header('authorization'))) !== null) return next();
    return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });

  app.get('/api/port/berths/:n', async (context) => {
    const n = Number(context.req.param('n'));
    // As in a real API, responses take different times.
    await pause(80 + ((n * 137) % 300));
    const ship = n % 5 === 0 ? null : (ships[n]?.name ?? null);
    return context.json({ berth: n, ship, load: ship === null ? 0 : (n * 29) % 100 });
  });

  app.get('/api/port/ships', (context) => context.json(ships));

  app.get('/api/port/search', async (context) => {
    const { signal } = context.req.raw;
    signal.addEventListener('abort', () => {
      counts.closedEarly += 1;
    });
    await pause(500, undefined, { signal }).catch(() => undefined);
    const q = (context.req.query('q') ?? '').toLowerCase();
    return context.json(ships.filter(({ name }) => name.toLowerCase().includes(q)));
  });

  app.post('/api/port/manifests', async (context) => {
    const { file } = await context.req.parseBody();
    return context.json({ bytes: file instanceof File ? file.size : 0 });
  });
  return api;
}
