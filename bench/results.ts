import type { ColdRow } from './cold/cold.ts';
import type { Figure } from './measure.ts';
import type { Counted, CountSize } from './network/count.ts';
import type { Order } from './crowd.ts';
import type { Heap } from './scenarios/heap.ts';
import type { StoreFigures } from './stores/stores.ts';
import type { StreamRow } from './streams/streams.ts';
import type { Weight } from './weight.ts';

/** What a herd took; ratios are to raw axios with a valid token. */
export interface HerdFigures {
  readonly milliseconds: Figure;
  /** To twice as many requests, for each is sent twice. */
  readonly whole: Figure;
  /** From the answer to the refresh on, to as many requests. */
  readonly resending: Figure;
  /** The same, in milliseconds. */
  readonly lastResend: Figure;
}

/** All that was measured of one contender. */
export interface Row {
  readonly name: string;
  readonly over: string;
  steady?: { readonly microseconds: Figure; readonly ratio: Figure; readonly bytes: Figure };
  readonly herds: Record<string, HerdFigures>;
  refreshesPerRound?: number;
  /** Microseconds a waiter, by order and number. */
  readonly cancelling: Partial<Record<Order, Record<string, number>>>;
  heap?: Heap;
  http?: {
    readonly microseconds: Figure;
    readonly ratio: Figure;
    readonly herdMilliseconds: Figure;
    readonly lastResend: Figure;
  };
  /** By the server in the other process. */
  counted?: Counted;
  weight?: Weight;
  /** What went wrong, by scenario. */
  readonly faults: Record<string, string[]>;
}

/** When and on what something was measured. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly small: boolean;
}

/** All contenders in one process, whose compiler has optimised them. */
export interface Warm extends Measured {
  readonly sizeOverHttp: CountSize & { readonly herd: number };
  readonly rows: readonly Row[];
}

/** Some contenders in fresh processes. */
export interface Cold extends Measured {
  /** For each contender. */
  readonly processes: number;
  readonly rows: readonly ColdRow[];
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
