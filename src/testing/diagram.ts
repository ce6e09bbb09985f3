import type { Moment } from './marbles.ts';

/** If more frames than this pass without an event, a diagram shows the time (`30ms`) in place of dashes. */
const LONGEST_DASHES = 20;

/**
 * Draws moments as marbles, in the syntax that `momentsOf` reads. Events of one frame are a group; if the next event is in a frame that the
 * group covers, which marbles cannot say, all events are listed with their frames instead.
 *
 * @param letterOf - the letter of a value
 */
export function diagramOf(moments: readonly Moment[], letterOf: (value: unknown) => string): string {
  if (moments.length === 0) return '(nothing)';
  const frames = new Map<number, string>();
  for (const { frame, notification } of moments)
    frames.set(frame, (frames.get(frame) ?? '') + markOf(notification, letterOf));
  let drawn = '';
  let position = 0;
  for (const [frame, marks] of frames) {
    const gap = frame - position;
    if (gap < 0) return Array.from(frames, ([at, its]) => `${its} in frame ${at}`).join(', ');
    drawn += gap > LONGEST_DASHES ? ` ${gap}ms ` : '-'.repeat(gap);
    drawn += marks.length > 1 ? `(${marks})` : marks;
    position = frame + (marks.length > 1 ? marks.length + 2 : 1);
  }
  return drawn.trimStart();
}

function markOf(notification: Moment['notification'], letterOf: (value: unknown) => string): string {
  if (notification.kind === 'N') return letterOf(notification.value);
  return notification.kind === 'C' ? '|' : '#';
}
