export { eventStream } from './event-stream.ts';
export type { EventStreamOptions, StreamStatus } from './event-stream-options.ts';
export type { ServerSentEvent } from './event-parser.ts';
export { isReconnectable } from './reconnect.ts';
export { lines } from './lines.ts';
export { text } from './text.ts';
export type { StreamOptions } from './stream-options.ts';
export { iterate, type IterateOptions } from './iterate.ts';
export { StreamFailedError, type StreamFailureReason } from '../session/index.ts';
