/** A colour of the Performance panel. */
export type TimelineColor = 'primary' | 'secondary' | 'tertiary' | 'error';

/** `console.timeStamp` as in Chromium. Elsewhere the method is missing, or ignores the arguments after the first. */
type TimeStamp = (
  label: string,
  start: number,
  end: number,
  track: string,
  trackGroup: string,
  color: TimelineColor,
) => void;

/** Draws an entry on a track of the Performance panel, while the panel records. Times are those of `performance.now()`. */
export function draw(track: string, label: string, start: number, end: number, color: TimelineColor): void {
  const { timeStamp } = console as { readonly timeStamp?: TimeStamp };
  timeStamp?.call(console, label, start, end, track, 'Sluice', color);
}
