import { setTimeout as pause } from 'node:timers/promises';
import { streamSSE } from 'hono/streaming';
import type { AuthApi } from '../demo/api/auth-api.ts';
import type { Pace } from '../shared/page-config.ts';

/** The measurements of one moment. */
export interface Metrics {
  readonly requestsPerSecond: number;
  readonly latencyMs: number;
  readonly errorsPerMinute: number;
}

export interface Service {
  readonly name: string;
  readonly version: string;
  readonly instances: number;
}

export interface IncidentPage {
  readonly items: readonly { readonly id: number; readonly title: string; readonly minutes: number }[];
  /** Where the next page begins; `null` on the last page. */
  readonly cursor: number | null;
}

const names = ['gateway', 'accounts', 'search', 'billing', 'mail', 'exports'];
const troubles = ['is slow', 'answers 503', 'lost its database', 'ran out of memory', 'rejects uploads'];
const incidents = Array.from({ length: 26 }, (_, n) => ({
  id: 1026 - n,
  title: `${names[(n * 5) % names.length]!} ${troubles[(n * 3) % troubles.length]!}`,
  minutes: 4 + ((n * 37) % 90),
}));
const PAGE = 8;

/** Adds what the dashboard shows: live metrics, services, and incidents by the page. All of it needs a token. */
export function addDashboard({ app, userOf, accepts }: AuthApi, pace: Pace): void {
  app.use('/api/board/*', async (context, next) => {
    if ((await userOf(context.req.header('authorization'))) !== null) return next();
    return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });

  app.get('/api/board/metrics', (context) => {
    const authorization = context.req.header('authorization');
    const first = Number(context.req.header('last-event-id') ?? 0) + 1;
    return streamSSE(context, async (stream) => {
      for (let n = first; ; n += 1) {
        if (stream.aborted || !(await accepts(authorization))) return;
        await stream.writeSSE({ id: String(n), data: JSON.stringify(metricsAt(n)), retry: 200 });
        await pause(pace.ms);
      }
    });
  });

  let deployments = 0;
  app.get('/api/board/services', async (context) => {
    await pause(pace.ms);
    deployments += 1;
    const services = names.map((name, n): Service => ({
      name,
      version: `2.${String(n)}.${String(deployments)}`,
      instances: 2 + ((n * 7) % 5),
    }));
    return context.json(services);
  });

  app.get('/api/board/incidents', (context) => {
    const from = Number(context.req.query('cursor') ?? 0);
    const to = from + PAGE;
    const page: IncidentPage = { items: incidents.slice(from, to), cursor: to < incidents.length ? to : null };
    return context.json(page);
  });
}

/** Looks like measurements: slow waves, and something uneven on them. */
function metricsAt(n: number): Metrics {
  const wave = (period: number): number => Math.sin((n / period) * 2 * Math.PI);
  return {
    requestsPerSecond: Math.round(820 + 160 * wave(41) + 60 * wave(7) + Math.random() * 40),
    latencyMs: Math.round(46 + 14 * wave(29) + 6 * wave(5) + Math.random() * 4),
    errorsPerMinute: Math.max(0, Math.round(4 + 4 * wave(53) + 2 * wave(9))),
  };
}
