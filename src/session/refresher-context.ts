import type { Freshness } from './freshness.ts';
import type { FlightContext } from './refresh-flight.ts';
import type { Recovery } from './session-internals.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import type { TokenSet } from './token-set.ts';

/** The outcome of a refresh for the requests that waited for it, with the tokens that are current then. */
export interface Refreshed<T extends TokenSet> extends Recovery {
  readonly tokens: T;
}

/** What a `Refresher` works with. */
export interface RefresherContext<T extends TokenSet> extends FlightContext<T> {
  readonly options: ResolvedOptions<T>;
  readonly record: SessionRecord<T>;
  readonly freshness: Freshness;
}
