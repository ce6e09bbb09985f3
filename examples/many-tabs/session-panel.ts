import { combineLatest, interval, map, startWith } from 'rxjs';
import { statusWords } from '../shared/status-words.ts';
import type { App } from './session.ts';

const LIFETIME_MS = 20_000;

/** Shows who is signed in, which tab got the current token, and how long that token lives. */
export function showSession(panel: HTMLElement, { session, tab }: App): void {
  const find = (name: string): HTMLElement => panel.querySelector<HTMLElement>(`[data-show=${name}]`)!;
  combineLatest([session.state$, interval(100).pipe(startWith(0))])
    .pipe(map(([state]) => state))
    .subscribe(({ status, tokens, generation }) => {
      panel.dataset['status'] = status;
      find('status').textContent = tokens ? `${statusWords[status]} as ${tokens.user}` : statusWords[status];
      const by = tokens?.by === tab ? 'this tab' : tokens?.by;
      find('token').textContent = tokens ? `Token ${generation} of this tab, got by ${by ?? ''}` : 'No token';
      const left = Math.max(0, (tokens?.expiresAt ?? 0) - Date.now());
      find('gauge').style.setProperty('--left', String(tokens ? Math.min(1, left / LIFETIME_MS) : 0));
      find('left').textContent = tokens
        ? left > 0
          ? `Expires in ${Math.ceil(left / 1000)} s`
          : 'Expired: the next request refreshes it'
        : '';
    });
}
