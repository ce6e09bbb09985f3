import { memoryCell, sharedStore, type Cell, type StoredSession, type TokenSet } from 'sluice/session';
import { firstValueFrom, map, Subject, timer } from 'rxjs';
import { vi } from 'vitest';
import {
  openPort,
  type PortContext,
  type RefreshLease,
  type RefreshTurn,
  type Stored,
  type StorePort,
} from '../../src/session/store-port.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record, type Recording } from '../support/recorder.ts';
import { told, tokensOf } from './fixture.ts';
import type { SessionNotice } from '../../src/session/events.ts';

export type SessionCell = Cell<StoredSession>;

export const LEASE_MS = 1_200;
export const STORE_TIMEOUT_MS = 1_000;
export const MIN_REFRESH_INTERVAL_MS = 500;

export interface Holder {
  readonly port: StorePort<TokenSet>;
  /** The events, abbreviated. */
  readonly story: string[];
  /** What `news$` has emitted since the opening. */
  readonly news: Stored<TokenSet>[];
  turn(ignoreFailure?: boolean): Recording<RefreshTurn<TokenSet>>;
  /** A turn that is granted synchronously. */
  granted(): Granted;
}

export interface Granted {
  readonly lease: RefreshLease<TokenSet>;
  readonly turn: Recording<RefreshTurn<TokenSet>>;
}

export interface HolderOptions extends Partial<PortContext> {
  readonly leaseMs?: number;
  readonly codec?: NonNullable<Parameters<typeof sharedStore>[1]>['codec'];
  /** Does not subscribe to `news$`. */
  readonly deaf?: boolean;
}

/** One holder of the shared store over `cell`. */
export function holderOf(
  cell: SessionCell,
  { leaseMs = LEASE_MS, codec, deaf = false, ...context }: HolderOptions = {},
): Holder {
  const story: string[] = [];
  const news: Stored<TokenSet>[] = [];
  const port = sharedStore(cell, { leaseMs, ...(codec && { codec }) })[openPort]({
    storeTimeoutMs: STORE_TIMEOUT_MS,
    refreshTimeoutMs: context.storeTimeoutMs ?? STORE_TIMEOUT_MS,
    minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS,
    emit: (event: SessionNotice) => {
      story.push(told(event));
      expectNoToken(event, ['access-', 'refresh-1', 'refresh-2']);
    },
    ...context,
  });
  if (!deaf) port.news$?.subscribe((stored) => news.push(stored));
  const turn = (ignoreFailure = false): Recording<RefreshTurn<TokenSet>> => record(port.turn({ ignoreFailure }));
  return {
    port,
    story,
    news,
    turn,
    granted() {
      const its = turn();
      return { lease: leaseOf(its), turn: its };
    },
  };
}

export function leaseOf(turn: Recording<RefreshTurn<TokenSet>>): RefreshLease<TokenSet> {
  const [value] = turn.values;
  if (value?.kind !== 'granted')
    throw new Error(`the turn is ${value?.kind ?? turn.settled?.kind ?? 'still waited for'}`);
  return value.lease;
}

/** The outcome of a turn, in a word. */
export const kindOf = (turn: Recording<RefreshTurn<TokenSet>>): string =>
  turn.values[0]?.kind ?? turn.settled?.kind ?? 'waiting';

/** A cell in memory with access to its record. */
export interface Peek {
  readonly cell: SessionCell;
  readonly now: StoredSession | null;
  /** The owner, and the access token of its tokens. */
  readonly content: { owner: string | null; accessToken: string | null };
}

export function peek(initial: StoredSession | null = null): Peek {
  const cell = memoryCell<StoredSession>(initial);
  return {
    cell,
    get now() {
      return cell.read() as StoredSession | null;
    },
    get content() {
      return contentOf(cell.read() as StoredSession | null);
    },
  };
}

/** A cell with the tokens 1 of the owner A. */
export function signedIn(): Peek {
  const its = peek();
  record(holderOf(its.cell, { deaf: true }).port.signIn('A', tokensOf(1)));
  return its;
}

/** A cell with the tokens 1 of the owner A, and a holder that takes these delays to open tokens, one after another. */
export function opening(durations: number[]): { store: Peek; slowToOpen(cell: SessionCell): Holder } {
  const codec = {
    seal: (text: string) => text,
    open: (text: string) => firstValueFrom(timer(durations.shift() ?? 0).pipe(map(() => text))),
  };
  return {
    store: signedIn(),
    slowToOpen(cell) {
      const holder = holderOf(cell, { codec });
      record(holder.port.read());
      return holder;
    },
  };
}

/** Holders that have read the store. */
export function readers(cell: SessionCell, options?: HolderOptions): readonly [Holder, Holder] {
  const open = (): Holder => {
    const holder = holderOf(cell, options);
    record(holder.port.read());
    return holder;
  };
  return [open(), open()];
}

/** Lets virtual time pass. */
export const pass = (ms: number): unknown => vi.advanceTimersByTime(ms);
export const passAsync = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

export function contentOf(now: StoredSession | null): { owner: string | null; accessToken: string | null } {
  return {
    owner: now?.owner ?? null,
    accessToken: now?.tokens == null ? null : (JSON.parse(now.tokens) as TokenSet).accessToken,
  };
}

export interface FaultyCell {
  readonly cell: SessionCell;
  /** Makes the engine unreachable. */
  isDown: boolean;
  /** The delay of each access, in milliseconds of timers; 0: synchronous. */
  delayMs: number;
  /**
   * What happens to the next swaps: they throw before or after they take effect, or never settle whether they took
   * effect or not.
   */
  readonly nextSwaps: ('throws before' | 'throws after' | 'hangs before' | 'hangs after' | 'works')[];
  /** Called when a swap has taken effect and has not settled yet. */
  afterSwap: (() => void) | undefined;
  readonly reads: number;
  readonly swaps: number;
}

/** Another access to the same record, with faults. It has the news of the inner cell unless `silent`. */
export function faulty(inner: SessionCell, { silent = false } = {}): FaultyCell {
  const faults: FaultyCell = {
    isDown: false,
    delayMs: 0,
    nextSwaps: [],
    afterSwap: undefined,
    reads: 0,
    swaps: 0,
    cell: {
      read: () => {
        count.reads += 1;
        return access(() => inner.read() as StoredSession | null);
      },
      swap: (expected, next) => {
        count.swaps += 1;
        const fault = faults.nextSwaps.shift() ?? 'works';
        return access(() => {
          if (fault === 'hangs before') return new Promise<boolean>(() => {});
          if (fault === 'throws before') throw new Error('connection lost');
          const done = inner.swap(expected, next) as boolean;
          faults.afterSwap?.();
          if (fault === 'hangs after') return new Promise<boolean>(() => {});
          if (fault === 'throws after') throw new Error('connection lost');
          return done;
        });
      },
      ...(!silent && inner.news$ && { news$: inner.news$ }),
    },
  };
  const count = faults as { reads: number; swaps: number };
  const access = <R>(work: () => R | Promise<R>): R | Promise<R> => {
    const run = (): R | Promise<R> => {
      if (faults.isDown) throw new Error('unreachable');
      return work();
    };
    if (faults.delayMs === 0) return run();
    return new Promise((resolve, reject) => {
      timer(faults.delayMs).subscribe(() => {
        try {
          resolve(run());
        } catch (error) {
          reject(error instanceof Error ? error : new Error());
        }
      });
    });
  };
  return faults;
}

/** A cell whose `news$` emits only when the test calls `tell`. */
export function quiet(inner: SessionCell): { cell: SessionCell; tell(): void; readonly listeners: number } {
  const news$ = new Subject<void>();
  return {
    cell: { read: () => inner.read(), swap: (expected, next) => inner.swap(expected, next), news$ },
    tell: () => {
      news$.next();
    },
    get listeners() {
      return news$.observed ? 1 : 0;
    },
  };
}

/** The outcome of a write, once there is one. */
export const outcomeOf = (written: Recording<unknown>): string => written.settled?.kind ?? 'pending';
