import { mergeMap, range, Subject, type Observable, type Subscription } from 'rxjs';
import type { Client } from 'sluice';
import { laneOf, type Lane } from './lane.ts';
import type { WireEvent } from './wire.ts';

/** Requests that were sent together. */
export interface Burst {
  readonly start: number;
  readonly lanes: readonly Lane[];
  readonly underWay: number;
  /** Unsubscribes from every second request in flight. */
  cancelHalf(): number;
  stop(): void;
}

export function fire(api: Client, wire$: Observable<WireEvent>, count: number, changed: () => void): Burst {
  const start = performance.now();
  const lanes: Lane[] = Array.from({ length: count }, (_, n) => ({
    n,
    segments: [{ kind: 'waiting', from: start, to: null }],
    ending: null,
    message: 'In flight',
  }));
  const cancels = lanes.map(() => new Subject<void>());
  const subscription: Subscription = range(0, count)
    .pipe(mergeMap((n) => laneOf(api, wire$, n, cancels[n]!)))
    .subscribe((lane) => {
      lanes[lane.n] = lane;
      changed();
    });
  const underWay = (): Lane[] => lanes.filter(({ ending }) => ending === null);
  return {
    start,
    lanes,
    get underWay() {
      return underWay().length;
    },
    cancelHalf: () => {
      const half = underWay().filter((_, index) => index % 2 === 1);
      for (const { n } of half) cancels[n]!.next();
      return half.length;
    },
    stop: () => {
      subscription.unsubscribe();
    },
  };
}
