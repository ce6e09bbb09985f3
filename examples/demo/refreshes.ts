import type { Session } from 'sluice';
import type { RefreshSpan } from './timeline.ts';

/** Records when the session refreshed. */
export function watchRefreshes(session: Session): RefreshSpan[] {
  const spans: RefreshSpan[] = [];
  session.events$.subscribe(({ type }) => {
    const now = performance.now();
    const last = spans.at(-1);
    if (type === 'refresh-started') spans.push({ from: now, to: null, failed: false });
    else if (last?.to === null && (type === 'refresh-succeeded' || type === 'tokens-adopted'))
      spans[spans.length - 1] = { ...last, to: now };
    else if (last?.to === null && type === 'refresh-failed')
      spans[spans.length - 1] = { ...last, to: now, failed: true };
  });
  return spans;
}
