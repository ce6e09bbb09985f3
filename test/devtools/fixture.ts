import type { AxiosLike, Client } from 'sluice';
import { traceRequests, type TraceEvent } from 'sluice/devtools';
import { onTestFinished } from 'vitest';

/** The events of all requests from now until the end of the test. */
export function traced(api: Client | AxiosLike): TraceEvent[] {
  const events: TraceEvent[] = [];
  const subscription = traceRequests(api).subscribe((event) => events.push(event));
  onTestFinished(() => {
    subscription.unsubscribe();
  });
  return events;
}

/** An event without its id, times and durations, which differ from run to run. */
export function stepOf(event: TraceEvent): string {
  const { type, method, path, attempt } = event;
  const status = 'status' in event && event.status !== undefined ? ` ${event.status}` : '';
  const error = type === 'failed' ? ` ${event.error}` : '';
  return `${method} ${path} ${type}${error}${status} (${attempt})`;
}

/** The key under which an axios instance has its hook while there is a listener. */
export const traceKey: symbol = Symbol.for('sluice.trace');
