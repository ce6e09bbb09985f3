import type { Cell, SharedStore, StoredSession, TokenSet } from 'sluice/session';
import { Subject } from 'rxjs';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger.ts';
import type { RaceStore } from './race-store.ts';
import type { Server } from './server.ts';
import type { Sluice } from './sluice.ts';

/** How long a record must stay unchanged before its lease counts as a dead holder's. */
const LEASE_MS = 15_000;
/** A waiting holder reads this often, so that it may be early by as much. */
const POLL_MS = 250;
/** The name of a holder that is no session: it takes a lease, and dies with it. */
const DEAD = 'dead';

/** When the other holders get the news of a write: within it, or at an event of its own. */
export type News = 'at once' | 'held';

/** One holder's connection to the cell. */
interface Line {
  readonly news$: Subject<void>;
  /** The name of the lease that the holder took last. */
  lease: string | null;
  isDown: boolean;
  lies: boolean;
  hasNews: boolean;
  /** News or the connection was lost. */
  hasMissedNews: boolean;
  /** The connection has failed, or the machine has slept, since this holder took its lease. */
  isTroubled: boolean;
  /** How many sign-ins had ended when this holder took its lease. */
  endingsAtLease: number;
}

/** A cell that two sessions share. */
export class RaceCell implements RaceStore {
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #ledger: Ledger;
  readonly #stores: readonly SharedStore[];
  readonly #news: News;
  readonly #lines: readonly Line[];
  readonly #gone = new Set<string>();
  #record: StoredSession | null = null;
  #movedAt = 0;
  /** The version that the dead holder had written. */
  #deadVersion: number | null = null;

  constructor(sluice: Sluice, clock: Clock, server: Server, ledger: Ledger, news: News, isSignedIn: boolean) {
    this.#clock = clock;
    this.#server = server;
    this.#ledger = ledger;
    this.#news = news;
    this.#lines = [0, 1].map(() => ({
      news$: new Subject<void>(),
      lease: null,
      isDown: false,
      lies: false,
      hasNews: false,
      hasMissedNews: false,
      isTroubled: false,
      endingsAtLease: 0,
    }));
    this.#stores = this.#lines.map((line) => sluice.sharedStore(this.#cell(line), { leaseMs: LEASE_MS }));
    if (isSignedIn) {
      const tokens = JSON.stringify(server.issue('ada 1'));
      this.#land({ schema: 1, version: 1, owner: 'ada', generation: 1, tokens, by: `${DEAD}.0` });
    }
  }

  of(holder: number): SharedStore {
    return this.#stores[holder]!;
  }
  get tokens(): TokenSet | null {
    const text = this.#record?.tokens ?? null;
    return text === null ? null : (JSON.parse(text) as TokenSet);
  }
  get owner(): string | null {
    return this.#record?.owner ?? null;
  }
  get peek(): StoredSession | null {
    return this.#record;
  }
  get isLeased(): boolean {
    return this.#record?.lease !== undefined;
  }
  get hasDeadHolder(): boolean {
    return this.#deadVersion !== null;
  }
  isForeign(): true {
    return true;
  }
  isDown(holder: number): boolean {
    return this.#lines[holder]!.isDown;
  }
  hasNews(holder: number): boolean {
    return this.#lines[holder]!.hasNews;
  }
  /** Whether the holder has got all change notifications, and nothing keeps it from writing. */
  isInformed(holder: number): boolean {
    const { isDown, lies, hasNews, hasMissedNews } = this.#lines[holder]!;
    return !isDown && !lies && !hasNews && !hasMissedNews;
  }
  /** The state that tells apart holders with the same history. */
  traitsOf(holder: number): unknown {
    const { isDown, lies, hasNews, hasMissedNews, isTroubled } = this.#lines[holder]!;
    return [isDown, lies, hasNews, hasMissedNews, isTroubled];
  }

  fail(holder: number): void {
    this.#lines[holder]!.isDown = true;
    this.#trouble(this.#lines[holder]!);
  }
  recover(holder: number): void {
    const line = this.#lines[holder]!;
    line.isDown = false;
    line.hasMissedNews = false;
    line.news$.next();
  }
  lie(holder: number): void {
    this.#lines[holder]!.lies = true;
    this.#trouble(this.#lines[holder]!);
  }
  /**
   * The machine has slept. Meanwhile no holder could renew its lease, so another one may take it: `isRobbed` must not count that as a fault.
   */
  slept(): void {
    for (const line of this.#lines) line.isTroubled = true;
  }
  tell(holder: number): void {
    const line = this.#lines[holder]!;
    line.hasNews = line.hasMissedNews = false;
    line.news$.next();
  }
  loseNews(holder: number): void {
    const line = this.#lines[holder]!;
    line.hasNews = false;
    line.hasMissedNews = true;
  }

  /** A holder that is no session takes the lease, and is not heard of again. */
  die(): void {
    const { failed, ...record } = this.#record!;
    this.#deadVersion = record.version + 1;
    const lease = { by: DEAD, forMs: LEASE_MS };
    this.#land({ ...record, version: this.#deadVersion, by: `${DEAD}.1`, lease });
  }
  /** That holder was not dead, and commits its refresh if the record is as it left it. */
  wakeUp(tokens: TokenSet): void {
    const { lease, ...record } = this.#record!;
    const isCurrent = record.version === this.#deadVersion;
    this.#deadVersion = null;
    if (!isCurrent) return;
    const next = { generation: record.generation + 1, tokens: JSON.stringify(tokens), by: `${DEAD}.2` };
    this.#land({ ...record, ...next, version: record.version + 1, refreshed: true });
  }

  hasLease(holder: number): boolean {
    return this.isLeased && this.#record?.lease?.by === this.#lines[holder]!.lease;
  }
  /** Whether a holder has lost its lease although it did everything to keep it. */
  isRobbed(holder: number): boolean {
    const { isTroubled, endingsAtLease } = this.#lines[holder]!;
    return !isTroubled && endingsAtLease === this.#gone.size && !this.hasLease(holder);
  }

  #trouble(line: Line): void {
    line.isTroubled = true;
  }
  #cell(line: Line): Cell<StoredSession> {
    const assertUp = (): void => {
      if (line.isDown) throw new Error('The cell cannot be reached.');
    };
    return {
      news$: line.news$,
      read: () => {
        assertUp();
        return this.#record;
      },
      swap: (expected, next) => {
        assertUp();
        if ((this.#record?.version ?? 0) !== expected) return false;
        this.#watchLease(line, next);
        this.#land(next, line);
        if (!line.lies) return true;
        line.lies = false;
        throw new Error('The answer of the cell was lost.');
      },
    };
  }
  #watchLease(line: Line, { lease }: StoredSession): void {
    const former = this.#record?.lease;
    if (!lease || lease.by === former?.by) return;
    const isOwn = former?.by === line.lease;
    line.lease = lease.by;
    line.isTroubled = line.isDown || line.lies;
    line.endingsAtLease = this.#gone.size;
    if (former && !isOwn && this.#clock.awake - this.#movedAt < former.forMs - POLL_MS)
      this.#ledger.fault(1, 'the lease of a holder was taken that may be alive');
  }
  #land(next: StoredSession, by?: Line): void {
    const { owner } = this;
    if (next.version <= (this.#record?.version ?? 0)) this.#ledger.fault(1, 'a version came back');
    if (owner !== null && owner !== next.owner) {
      this.#gone.add(owner);
      this.#ledger.endings += 1;
    }
    if (next.owner !== null && this.#gone.has(next.owner))
      this.#ledger.fault(16, 'a sign-in that had ended came back into the store');
    this.#record = next;
    this.#movedAt = this.#clock.awake;
    const { tokens } = this;
    this.#ledger.stored(tokens?.accessToken);
    this.#ledger.named(next.owner, this.#server.familyOf(tokens?.accessToken));
    for (const line of this.#lines) {
      if (this.#news === 'held') line.hasNews ||= line !== by;
      else if (line.isDown) line.hasMissedNews = true;
      else line.news$.next();
    }
  }
}
