import { filter, fromEvent, scan, Subject } from 'rxjs';
import type { StreamStatus } from 'sluice/streams';
import { startApp } from '../shared/app.ts';
import { byId } from '../shared/by-id.ts';
import { incidents, latestMetrics, services } from './data.ts';
import { showIncidents, showMetrics, showServices } from './show.ts';

const { api, session, expireTokens } = await startApp('sluice-live-dashboard');

const showLive = (status: string, text: string): void => {
  byId('live', HTMLElement).dataset['status'] = status;
  byId('live', HTMLElement).textContent = text;
};
const status$ = new Subject<StreamStatus>();
status$.subscribe(({ type }) => {
  showLive(type, type === 'open' ? 'live' : 'connecting again');
});
latestMetrics(api, 100, status$).subscribe({
  next: showMetrics,
  // The stream fails for good when the session has ended, or at a status such as 403.
  error: (error: unknown) => {
    showLive('failed', `ended: ${error instanceof Error ? error.message : 'failed'}`);
  },
});
services(api, fromEvent(byId('reload', HTMLButtonElement), 'click')).subscribe(showServices);
incidents(api, fromEvent(byId('more', HTMLButtonElement), 'click')).subscribe(showIncidents);

session.events$
  .pipe(
    filter(({ type }) => type === 'refresh-succeeded'),
    scan((count) => count + 1, 0),
  )
  .subscribe((count) => {
    byId('refreshes', HTMLElement).textContent = String(count);
  });
byId('expire', HTMLButtonElement).addEventListener('click', () => void expireTokens());
