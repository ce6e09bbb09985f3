import { combineLatest, interval, map, startWith } from 'rxjs';
import type { Session } from 'sluice';
import { statusWords } from '../shared/status-words.ts';

const LIFETIME_MS = 8000;

/** Shows the session's state, and the time until its access token expires. */
export function showSession(panel: HTMLElement, session: Session): void {
  const find = (name: string): HTMLElement => panel.querySelector<HTMLElement>(`[data-show=${name}]`)!;
  const tick$ = interval(100).pipe(startWith(0));
  combineLatest([session.state$, tick$])
    .pipe(map(([state]) => state))
    .subscribe((state) => {
      const { status, tokens, generation, reason } = state;
      panel.dataset['status'] = status;
      find('status').textContent = statusWords[status];
      find('reason').textContent =
        status === 'signed-out' && reason ? `reason: ${reason}` : `token number ${generation}`;
      const left = Math.max(0, (tokens?.expiresAt ?? 0) - Date.now());
      find('left').textContent = tokens
        ? left > 0
          ? `${(left / 1000).toFixed(1)} s until it expires`
          : 'expired'
        : 'no token';
      find('gauge').style.setProperty('--left', String(tokens ? Math.min(1, left / LIFETIME_MS) : 0));
    });
}
