import type { SessionEvent } from '../session/index.ts';
import { draw } from './timeline.ts';

/**
 * Returns a function that draws the session: an entry with a duration for each refresh, and one without for each other event, except
 * resends.
 */
export function sessionTrack(): (event: SessionEvent) => void {
  let refresh: { readonly reason: string; readonly since: number } | undefined;
  return (event) => {
    const now = performance.now();
    switch (event.type) {
      case 'refresh-started':
        refresh = { reason: event.reason, since: now };
        return;
      case 'refresh-succeeded':
      case 'refresh-failed': {
        const { reason = '', since = now - event.durationMs } = refresh ?? {};
        refresh = undefined;
        const label = `refresh (${reason})`;
        if (event.type === 'refresh-failed') draw('Session', `${label} failed: ${event.reason}`, since, now, 'error');
        else draw('Session', `${label}, ${event.waiting} waiting`, since, now, 'tertiary');
        return;
      }
      case 'request-resent':
        // The track of the requests shows each resend.
        return;
      default:
        draw('Session', event.type, now, now, 'secondary');
    }
  };
}
