import type { SessionEvent } from 'sluice/session';

type Figures = 'at' | 'durationMs' | 'waiting';
type Without<E> = E extends unknown ? Omit<E, Figures> : never;

/** An event without its time and its durations, which differ from run to run. */
export function withoutFigures({ at: _at, ...event }: SessionEvent): Without<SessionEvent> {
  if (event.type !== 'refresh-succeeded' && event.type !== 'refresh-failed') return event;
  const { durationMs: _durationMs, waiting: _waiting, ...rest } = event;
  return rest;
}
