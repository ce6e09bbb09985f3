import type { ColdRow } from './cold/cold.ts';
import type { Figure } from './measure.ts';
import type { Counted, CountSize } from './network/count.ts';
import type { Order } from './crowd.ts';
import type { Heap } from './scenarios/heap.ts';
import type { StoreFigures } from './stores/stores.ts';
import type { StreamRow } from './streams/streams.ts';
import type { WeightRow } from './weight.ts';

/** The times of a herd (many requests at once with a dead token). Ratios compare them with raw axios with a valid token. */
export interface HerdFigures {
  readonly milliseconds: Figure;
  /** The whole time, as a ratio to that of twice as many requests of raw axios, because each request of a herd is sent twice. */
  readonly whole: Figure;
  /** The time from the response to the refresh until the last response, as a ratio to that of as many requests of raw axios. */
  readonly resending: Figure;
  /** The time from the response to the refresh until the last response, in milliseconds. */
  readonly lastResend: Figure;
}

/** All that was measured of one contender. */
export interface Row {
  readonly name: string;
  readonly over: string;
  steady?: { readonly microseconds: Figure; readonly ratio: Figure; readonly bytes: Figure };
  readonly herds: Record<string, HerdFigures>;
  refreshesPerRound?: number;
  /** Microseconds for each cancelled request, by the order of cancelling and the number of requests. */
  readonly cancelling: Partial<Record<Order, Record<string, number>>>;
  heap?: Heap;
  http?: {
    readonly microseconds: Figure;
    readonly ratio: Figure;
    readonly herdMilliseconds: Figure;
    readonly lastResend: Figure;
  };
  /** What the server in the other process has counted. */
  counted?: Counted;
  /** What went wrong, by scenario. */
  readonly faults: Record<string, string[]>;
}

/** When and on what something was measured. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly small: boolean;
}

/** The results of all contenders in one process, after the compiler has optimised their code. */
export interface Warm extends Measured {
  readonly sizeOverHttp: CountSize & { readonly herd: number };
  readonly rows: readonly Row[];
}

/** The results of some contenders in fresh processes. */
export interface Cold extends Measured {
  /** The number of processes for each contender. */
  readonly processes: number;
  readonly rows: readonly ColdRow[];
}

/** What each library adds to an app. */
export interface Weights extends Measured {
  readonly rows: readonly WeightRow[];
}

/** What the stores add to a refresh. */
export interface Stores extends Measured, StoreFigures {}

/** Live streams, with a server in another process. */
export interface LiveStreams extends Measured {
  /** The load average of the machine before the run: other work makes throughput lower and waits longer. */
  readonly load: number;
  readonly rows: readonly StreamRow[];
}

/** Each part may be measured without the others; `rows` is empty where the warm half never was. */
export interface Results extends Warm {
  readonly cold?: Cold;
  readonly weights?: Weights;
  readonly stores?: Stores;
  readonly streams?: LiveStreams;
}

/** JSON has `null` in place of `NaN`, which stands for what could not be measured. */
export const parseResults = (text: string): Results =>
  JSON.parse(text, (_, value: unknown) => (value === null ? NaN : value)) as Results;

export const noResults: Results = {
  date: '',
  machine: '',
  small: false,
  sizeOverHttp: { herd: 0, during: 0, rounds: 0, perRound: 0, cancel: 0 },
  rows: [],
};
