import axios from 'axios';
import { catchError, EMPTY, exhaustMap, filter, from, fromEvent, interval, map, merge, startWith, Subject } from 'rxjs';
import type { ServerReport } from './api.ts';
import { RequestList } from './request-list.ts';
import { showReport } from './report.ts';
import { createApp } from './session.ts';
import { showSession } from './session-panel.ts';

const byId = (id: string): HTMLElement => document.getElementById(id)!;
const isChecked = (id: string): boolean => (byId(id) as HTMLInputElement).checked;
const click$ = (id: string) => fromEvent(byId(id), 'click');

/** Shows a failure where the requests are counted. */
function attempt(act: () => Promise<unknown>): void {
  act().catch((error: unknown) => {
    byId('summary').textContent = String(error);
  });
}

const { data } = await axios.post<{ tab: string }>('/api/tab');
const { tab } = data;
const app = createApp(tab);
const { session } = app;
document.title = `${tab} · many tabs`;
byId('tab').textContent = tab;
showSession(byId('session'), app);

// Requests of this tab: one by one, or five at once when any tab asks all tabs for them.
const requests = new RequestList(app, byId('requests'), byId('summary'));
const all = new BroadcastChannel('many-tabs:send');
click$('send').subscribe(() => requests.send(5));
click$('expire').subscribe(() => {
  attempt(async () => {
    await axios.post('/api/expire');
    all.postMessage('now');
    requests.send(5);
  });
});
fromEvent(all, 'message').subscribe(() => requests.send(5));
interval(1_000)
  .pipe(filter(() => isChecked('each-second') && session.state.tokens !== null))
  .subscribe(() => requests.send(1));

for (const user of ['Ada', 'Grace']) click$(`sign-in-${user}`).subscribe(() => attempt(() => app.signIn(user)));
click$('sign-out').subscribe(() => attempt(() => session.signOut()));

// What the server has seen of all tabs. These requests have no session, so they are not counted.
const ask$ = new Subject<void>();
session.events$.subscribe(() => ask$.next());
merge(ask$, interval(500))
  .pipe(
    startWith(null),
    exhaustMap(() => from(axios.get<ServerReport>('/api/report')).pipe(catchError(() => EMPTY))),
    map(({ data: report }) => report),
  )
  .subscribe((report) => showReport(report, tab));
