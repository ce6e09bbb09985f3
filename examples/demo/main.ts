import { filter, firstValueFrom } from 'rxjs';
import { fire, type Burst } from './burst.ts';
import { connectControls } from './controls.ts';
import { showEvents } from './event-log.ts';
import { watchRefreshes } from './refreshes.ts';
import { server, type ServerReport } from './server.ts';
import { createApp } from './session.ts';
import { showSession } from './session-panel.ts';
import { summaryOf } from './summary.ts';
import { drawTimeline } from './timeline.ts';
import { wire } from './wire.ts';

const byId = (id: string): HTMLElement => document.getElementById(id)!;

const wires = wire();
const app = createApp(wires.watch);
const refreshes = watchRefreshes(app.session);
showSession(byId('session'), app.session);
showEvents(byId('log'), app.session);

let burst: Burst | undefined;
let asking = false;

const showCounts = ({ counts }: ServerReport): void => {
  for (const [name, count] of Object.entries(counts))
    byId('counts').querySelector(`[data-count=${name}]`)!.textContent = String(count);
};
/** Asks for the counts once at a time; a change meanwhile causes one more request afterwards. */
const askServer = async (): Promise<void> => {
  if (asking) return;
  asking = true;
  showCounts(await server.report());
  asking = false;
};

const draw = (): void => {
  if (burst) {
    const { start, lanes } = burst;
    const shown = refreshes.filter(({ to }) => to === null || to > start);
    drawTimeline(byId('board'), { start, lanes, refreshes: shown }, performance.now());
  }
  const busy = (burst?.underWay ?? 0) > 0 || refreshes.at(-1)?.to === null;
  drawing = busy ? requestAnimationFrame(draw) : 0;
};
let drawing = 0;
const changed = (): void => {
  if (!drawing) drawing = requestAnimationFrame(draw);
  if (!burst) return;
  byId('summary').textContent = summaryOf(burst.lanes);
  void askServer();
};
app.session.events$.subscribe(changed);

const fireBurst = async (count: number, kill: boolean): Promise<void> => {
  burst?.stop();
  const { tokens } = await firstValueFrom(app.session.state$.pipe(filter(({ status }) => status !== 'restoring')));
  if (tokens === null) await app.signIn();
  await server.tell({ reset: true, ...(kill && { expire: true }) });
  burst = fire(app.api, wires.events$, count, changed);
  changed();
};
connectControls({
  fire: fireBurst,
  cancelHalf: () => burst?.cancelHalf(),
  signIn: app.signIn,
  signOut: () => app.session.signOut(),
  tell: (orders) => server.tell(orders).then(showCounts),
});
setInterval(() => void askServer(), 1000);
await server.tell({ refresh: 'ok', offline: false, reset: true });
