/** A colour of the Performance panel. */
export type TimelineColor = 'primary' | 'secondary' | 'tertiary' | 'error';

/** `console.timeStamp` as Chromium has it. Elsewhere there is none, or the further arguments have no effect. */
type TimeStamp = (
  label: string,
  start: number,
  end: number,
  track: string,
  trackGroup: string,
  color: TimelineColor,
) => void;

/** Draws an entry on a track of the Performance panel, if it records. Times are those of `performance.now()`. */
export function draw(track: string, label: string, start: number, end: number, color: TimelineColor): void {
  const { timeStamp } = console as { readonly timeStamp?: TimeStamp };
  timeStamp?.call(console, label, start, end, track, 'Sluice', color);
}
