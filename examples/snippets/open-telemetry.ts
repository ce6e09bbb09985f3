import { merge, type Subscription } from 'rxjs';
import type { Client, Session } from 'sluice';
import { traceRequests } from 'sluice/devtools';

/** The part of the `Meter` of `@opentelemetry/api` that is used. */
interface Meter {
  createCounter(name: string): { add(value: number, attributes: Record<string, string>): void };
  createHistogram(name: string, options: { unit: string }): Histogram;
}
interface Histogram {
  record(value: number, attributes: Record<string, string>): void;
}

/** Counts refreshes, resends and ended sessions, and measures refreshes and waits in seconds. */
export function recordMetrics(session: Session, api: Client, meter: Meter): Subscription {
  const refreshed = meter.createHistogram('sluice.refresh.duration', { unit: 's' });
  const held = meter.createHistogram('sluice.request.held', { unit: 's' });
  const resent = meter.createCounter('sluice.request.resends');
  const ended = meter.createCounter('sluice.session.ended');
  return merge(session.events$, traceRequests(api)).subscribe((event) => {
    if (event.type === 'refresh-succeeded') refreshed.record(event.durationMs / 1000, { outcome: 'succeeded' });
    if (event.type === 'refresh-failed') refreshed.record(event.durationMs / 1000, { outcome: event.reason });
    if (event.type === 'signed-out') ended.add(1, { reason: event.reason });
    if (event.type === 'resent') resent.add(1, { 'http.request.method': event.method });
    if ('heldMs' in event && event.heldMs > 0) held.record(event.heldMs / 1000, { outcome: event.type });
  });
}
