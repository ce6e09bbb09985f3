import { memoryCell, sharedStore, type SessionOptions, type StoredSession, type TokenSet } from 'sluice/session';
import { filter, merge, Subject, type Observable } from 'rxjs';
import { record, type Recording } from '../support/recorder.ts';
import { apiOf, setUp, type Api, type Setup } from './fixture.ts';
import { rotatingServer, type RotatingServer } from './rotating-server.ts';
import {
  contentOf,
  faulty,
  LEASE_MS,
  MIN_REFRESH_INTERVAL_MS,
  STORE_TIMEOUT_MS,
  type FaultyCell,
  type SessionCell,
} from './shared-fixture.ts';

/** A session that is one of several holders of a cell, in a process that can be suspended. */
export interface HolderSession extends Setup, Api {
  /** Its access to the cell. */
  readonly way: FaultyCell;
  /** Sends a request. */
  request(): Recording<string>;
  /** Suspends the process: its accesses to the cell wait, and it gets no news. */
  stop(): void;
  resume(): void;
}

export interface HolderSessionOptions extends Partial<SessionOptions> {
  readonly leaseMs?: number;
  /** Whether the holder gets no change notifications. */
  readonly deaf?: boolean;
  /** The store cannot be reached when the session is made. */
  readonly isDown?: boolean;
  readonly cell?: Partial<SessionCell>;
  readonly codec?: NonNullable<Parameters<typeof sharedStore>[1]>['codec'];
}

export interface SharedSessions {
  readonly server: RotatingServer;
  readonly cell: SessionCell;
  stored(this: void): StoredSession | null;
  /** Owner and access token in the record. */
  content(this: void): ReturnType<typeof contentOf>;
  open(this: void, options?: HolderSessionOptions): HolderSession;
  openMany(this: void, n: number, options?: HolderSessionOptions): HolderSession[];
}

/**
 * A sign-in of ada in a cell, and a function that opens holders of it. The access token is valid until the server
 * expires it.
 */
export function sharedSessions({ signedIn = true } = {}): SharedSessions {
  const server = rotatingServer();
  const cell = memoryCell<StoredSession>(signedIn ? recordOf(server.login()) : null);
  const current = (): StoredSession | null => cell.read() as StoredSession | null;
  const open: SharedSessions['open'] = ({
    leaseMs = LEASE_MS,
    deaf = false,
    isDown = false,
    cell: more,
    codec,
    ...options
  } = {}) => {
    const process = stoppable(cell);
    const way = faulty(process.cell, { silent: deaf });
    way.isDown = isDown;
    const store = sharedStore({ ...way.cell, ...more }, { leaseMs, ...(codec && { codec }) });
    const all = setUp({ refresh: server.refresh(), refreshRetries: false, ...options, store });
    const api = apiOf(all.session, server.respond);
    const { stop, resume } = process;
    return { ...all, ...api, way, request: () => record(api.get$), stop, resume };
  };
  return {
    server,
    cell,
    stored: current,
    content: () => contentOf(current()),
    open,
    openMany: (n, options) => Array.from({ length: n }, () => open(options)),
  };
}

export interface TwoHolders extends SharedSessions {
  readonly here: HolderSession;
  readonly there: HolderSession;
  /** Makes the store unreachable for both, or reachable again. */
  setAway(this: void, isDown: boolean): void;
}

/** Two holders of a store that can become unreachable for both. */
export function twoHolders(options: HolderSessionOptions = {}): TwoHolders {
  const its = sharedSessions();
  const bounds = { storeTimeoutMs: STORE_TIMEOUT_MS, minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS };
  const [here, there] = its.openMany(2, { ...bounds, ...options }) as [HolderSession, HolderSession];
  const setAway = (isDown: boolean): void => {
    for (const { way } of [here, there]) way.isDown = isDown;
  };
  return { ...its, here, there, setAway };
}

export function recordOf(tokens: TokenSet): StoredSession {
  return { schema: 1, version: 1, owner: 'ada', generation: 1, tokens: JSON.stringify(tokens), by: 'before.1' };
}

function stoppable(inner: SessionCell): { cell: SessionCell; stop(): void; resume(): void } {
  const resumed$ = new Subject<void>();
  let waiting: (() => void)[] | undefined;
  const access = <R>(work: () => R): R | Promise<R> =>
    waiting
      ? new Promise((resolve) => {
          waiting?.push(() => {
            resolve(work());
          });
        })
      : work();
  const news$ = (inner.news$ as Observable<unknown>).pipe(filter(() => !waiting));
  return {
    cell: {
      read: () => access(() => inner.read() as StoredSession | null),
      swap: (expected, next) => access(() => inner.swap(expected, next) as boolean),
      news$: merge(news$, resumed$),
    },
    stop() {
      waiting = [];
    },
    resume() {
      const works = waiting ?? [];
      waiting = undefined;
      for (const work of works) work();
      resumed$.next();
    },
  };
}
