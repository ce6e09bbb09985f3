import { catchError, defaultIfEmpty, filter, map, merge, of, scan, takeUntil, takeWhile, type Observable } from 'rxjs';
import type { Client } from 'sluice';
import type { WireEvent } from './wire.ts';

export type SegmentKind = 'waiting' | 'sent' | 'resent';
export type Ending = 'done' | 'failed' | 'cancelled';

/** A phase of a request, in milliseconds since the page was opened. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly from: number;
  /** `null` while the phase lasts. */
  readonly to: number | null;
  /** Whether the phase ended with a 401. */
  readonly refused?: boolean;
}

/** The phases of one request so far. */
export interface Lane {
  readonly n: number;
  readonly segments: readonly Segment[];
  readonly ending: Ending | null;
  readonly message: string;
}

type LaneEvent = WireEvent | { readonly type: Ending; readonly message: string };

/** Sends request `n` and emits its lane after each change. */
export function laneOf(
  api: Client,
  wire$: Observable<WireEvent>,
  n: number,
  cancel$: Observable<unknown>,
): Observable<Lane> {
  const ending$ = api.get<{ message: string }>('/api/test-get', { params: { n } }).pipe(
    map(({ message }): LaneEvent => ({ type: 'done', message })),
    catchError((error: unknown) => of<LaneEvent>({ type: 'failed', message: String(error) })),
    takeUntil(cancel$),
    defaultIfEmpty<LaneEvent, LaneEvent>({ type: 'cancelled', message: 'Cancelled' }),
  );
  const born: Lane = {
    n,
    segments: [{ kind: 'waiting', from: performance.now(), to: null }],
    ending: null,
    message: 'In flight',
  };
  return merge(wire$.pipe(filter((event) => event.n === n)), ending$).pipe(
    takeWhile((event) => event.type === 'sent' || event.type === 'answered', true),
    scan(step, born),
  );
}

function step(lane: Lane, event: LaneEvent): Lane {
  const now = performance.now();
  const segments = lane.segments.map((segment) => (segment.to === null ? { ...segment, to: now } : segment));
  if (event.type === 'sent') {
    const kind = segments.some((segment) => segment.kind !== 'waiting') ? 'resent' : 'sent';
    return { ...lane, segments: [...segments, { kind, from: now, to: null }] };
  }
  if (event.type !== 'answered') return { ...lane, segments, ending: event.type, message: event.message };
  if (event.status !== 401) return { ...lane, segments };
  const refused = segments.map((segment, index) =>
    index === segments.length - 1 ? { ...segment, refused: true } : segment,
  );
  return {
    ...lane,
    segments: [...refused, { kind: 'waiting', from: now, to: null }],
    message: 'Waits for the refresh',
  };
}
