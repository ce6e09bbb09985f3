import { trackEvents } from 'sluice/devtools';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { appOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

interface TraceEntry {
  readonly name: string;
  readonly args: { readonly data?: Readonly<Record<string, unknown>> };
}

/** Records what the Performance panel would, while `work` runs. */
async function recorded(work: () => Promise<void>): Promise<Readonly<Record<string, unknown>>[]> {
  const browser = cdp() as unknown as {
    send(method: string, params?: object): Promise<unknown>;
    on(event: string, listener: (params: { value: TraceEntry[] }) => void): void;
    off(event: string, listener: (params: { value: TraceEntry[] }) => void): void;
  };
  const entries: TraceEntry[] = [];
  const collect = ({ value }: { value: TraceEntry[] }): void => void entries.push(...value);
  browser.on('Tracing.dataCollected', collect);
  await browser.send('Tracing.start', { traceConfig: { includedCategories: ['devtools.timeline'] } });
  const complete = new Promise<void>((resolve) => {
    const done = (): void => {
      browser.off('Tracing.tracingComplete', done);
      resolve();
    };
    browser.on('Tracing.tracingComplete', done);
  });
  await work();
  await browser.send('Tracing.end');
  await complete;
  browser.off('Tracing.dataCollected', collect);
  return entries.flatMap(({ name, args }) =>
    name === 'TimeStamp' && args.data?.['trackGroup'] === 'Sluice' ? [args.data] : [],
  );
}

it('trackEvents() shows a refresh and the sends of a request in the trace of the browser', async () => {
  const { api, session } = await appOn(use.server, 'xhr');
  await use.server.expireAccess();
  const entries = await recorded(async () => {
    const tracking = trackEvents(session, api);
    await firstValueFrom(api.get('/api/echo', { params: { secret: 1 } }));
    tracking.unsubscribe();
  });

  const shown = entries.map(({ name, track, color }) => [track, String(name).replace(/^#\d+ /, ''), color]);
  expect(shown).toEqual([
    ['Requests', 'GET /api/echo 401', 'error'],
    ['Session', 'refresh (unauthorized), 1 waiting', 'tertiary'],
    ['Requests', 'GET /api/echo held', 'secondary'],
    ['Requests', 'GET /api/echo 200 (send 2)', 'primary'],
  ]);
  // The trace has these times in microseconds, on the clock of the browser's own entries.
  const [refused, refresh, held, resent] = entries.map(({ start, end }) => ({
    start: Number(start),
    end: Number(end),
  }));
  for (const { start, end } of [refused!, refresh!, held!, resent!]) expect(end).toBeGreaterThan(start);
  expect(refresh!.start).toBeGreaterThanOrEqual(refused!.end);
  expect(resent!.start).toBe(held!.end);
});
