import type { TraceEvent } from './trace-event.ts';
import { draw } from './timeline.ts';

/**
 * Returns a function that draws the requests: an entry for each time that a request was held, and for each send. It reads
 * `performance.now()` when an event arrives, because the panel uses that clock; entries at `TraceEvent.at` would be at the wrong place.
 */
export function requestTrack(): (event: TraceEvent) => void {
  /** What each request does now, and since when. */
  const open = new Map<number, { readonly step: 'held' | 'sent'; readonly since: number }>();
  return (event) => {
    const { id, type, attempt } = event;
    const now = performance.now();
    const last = open.get(id);
    open.delete(id);
    if (type === 'held' || type === 'sent' || type === 'resent')
      open.set(id, { step: type === 'held' ? 'held' : 'sent', since: now });
    if (!last) return;
    const name = `#${id} ${event.method} ${event.path}`;
    if (last.step === 'held') {
      draw('Requests', `${name} held`, last.since, now, 'secondary');
    } else {
      const how = type === 'answered' ? String(event.status) : type === 'failed' ? event.error : type;
      const isFault = type === 'failed' || (type === 'answered' && event.status >= 400);
      draw(
        'Requests',
        `${name} ${how}${attempt > 1 ? ` (send ${attempt})` : ''}`,
        last.since,
        now,
        isFault ? 'error' : 'primary',
      );
    }
  };
}
