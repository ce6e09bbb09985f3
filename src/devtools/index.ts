export { traceRequests } from './trace-requests.ts';
export type { RequestFigures, TracedRequest, TraceEvent } from './trace-event.ts';
export { logEvents, type LogEventsOptions } from './log-events.ts';
export { trackEvents } from './track-events.ts';
