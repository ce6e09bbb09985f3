import { animationFrames, filter, map, scan, startWith, switchMap, type Observable } from 'rxjs';
import type { Session } from 'sluice';
import { byId } from '../shared/by-id.ts';

/** Shows how long the token is good for, and how often it was refreshed. */
export function showToken(session: Session): void {
  const left = byId('left', SVGCircleElement);
  const token = byId('token', HTMLElement);
  let shown = '';
  secondsLeft(session).subscribe(({ seconds, of }) => {
    left.style.strokeDashoffset = String(100 - (100 * seconds) / of);
    const text = seconds > 0 ? `token good for ${String(Math.ceil(seconds))} s` : 'token expired';
    if (text === shown) return;
    token.textContent = text;
    shown = text;
  });
  session.events$
    .pipe(
      filter(({ type }) => type === 'refresh-succeeded'),
      scan((count) => count + 1, 0),
    )
    .subscribe((count) => {
      byId('refreshes', HTMLElement).textContent = count === 1 ? '1 refresh' : `${String(count)} refreshes`;
    });
}

function secondsLeft(session: Session): Observable<{ readonly seconds: number; readonly of: number }> {
  return session.state$.pipe(
    map(({ tokens }) => tokens?.expiresAt ?? 0),
    switchMap((expiresAt) => {
      const of = Math.max((expiresAt - Date.now()) / 1000, 1);
      return animationFrames().pipe(
        startWith(null),
        map(() => ({ seconds: Math.max((expiresAt - Date.now()) / 1000, 0), of })),
      );
    }),
  );
}
