import type { SessionEvent } from '../session/index.ts';
import type { TraceEvent } from './trace-event.ts';

/** Describes an event of a request in one line. */
export function lineOfRequest(event: TraceEvent): string {
  return plain(`[sluice] #${event.id} ${event.method} ${event.origin}${event.path} ${whatHappened(event)}`);
}

function whatHappened(event: TraceEvent): string {
  switch (event.type) {
    case 'held':
      return 'waits for the session';
    case 'sent':
      return 'is sent';
    case 'resent':
      return `is sent again (send ${event.attempt})`;
    case 'answered':
      return `is answered with ${event.status} after ${event.durationMs} ms`;
    case 'completed':
      return `completed with ${event.status}${figures(event)}`;
    case 'failed':
      return `failed: ${event.error}${event.status === undefined ? '' : `, status ${event.status}`}${figures(event)}`;
    case 'cancelled':
      return `was cancelled${figures(event)}`;
  }
}

const figures = ({ durationMs, heldMs }: { readonly durationMs: number; readonly heldMs: number }): string =>
  ` in ${durationMs} ms${heldMs > 0 ? `, ${heldMs} ms of them held` : ''}`;

/** Describes an event of a session in one line: its type, and its details by name. */
export function lineOfSession({ type, at, ...details }: SessionEvent): string {
  const shown = Object.entries(details).map(([name, value]) => ` ${name}=${String(value)}`);
  return plain(`[sluice] session ${type}${shown.join('')}`);
}

/**
 * Replaces control characters and line separators by spaces. A server chooses some parts of a line, such as the error code of a
 * `WWW-Authenticate` header, and could forge a further line of the log by a line break.
 */
const plain = (line: string): string => line.replaceAll(/\p{Cc}|\p{Zl}|\p{Zp}/gu, ' ');
