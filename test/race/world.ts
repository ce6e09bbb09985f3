import type { TokenSet } from 'sluice/session';
import type { Clock } from './clock.ts';
import { Holder, type HolderOptions } from './holder.ts';
import { Ledger } from './ledger.ts';
import { type News, RaceCell } from './race-cell.ts';
import type { RaceStore } from './race-store.ts';
import { Server } from './server.ts';
import type { Sluice } from './sluice.ts';
import { TabStore, type TabStoreOptions } from './tab-store.ts';

/** The options of a world. */
export interface Conditions extends HolderOptions, TabStoreOptions {
  /** One session on a store of one holder, or two on a shared store. */
  readonly holders: 1 | 2;
  /** When the holders of a shared store get each other's news. */
  readonly news: News;
  /** The content of the store at the start. */
  readonly start: 'signed in' | 'signed out' | 'unreadable';
}

const AN_HOUR = 3_600_000;

/** Sessions and their requests with a server, a store and a clock that do nothing by themselves. */
export class World {
  readonly clock: Clock;
  readonly server: Server;
  readonly ledger: Ledger;
  /** The store, if it has one holder. */
  readonly tab: TabStore | null = null;
  /** The store, if it is shared. */
  readonly cell: RaceCell | null = null;
  readonly store: RaceStore;
  readonly holders: readonly Holder[];

  constructor(sluice: Sluice, clock: Clock, conditions: Conditions) {
    const server = new Server(clock, !conditions.isCookie);
    const ledger = new Ledger(server, conditions.holders > 1);
    const isSignedIn = conditions.start !== 'signed out';
    this.clock = clock;
    this.server = server;
    this.ledger = ledger;
    this.store =
      conditions.holders === 1
        ? (this.tab = new TabStore(server, ledger, conditions, isSignedIn))
        : (this.cell = new RaceCell(sluice, clock, server, ledger, conditions.news, isSignedIn));
    if (conditions.start === 'unreadable') this.store.fail(0);
    this.holders = Array.from(
      { length: conditions.holders },
      (_, index) => new Holder(index, { sluice, clock, server, ledger, store: this.store }, conditions),
    );
  }

  get alive(): Holder[] {
    return this.holders.filter(({ isDisposed }) => !isDisposed);
  }
  /** The sign-in that the store contains. */
  get storedFamily(): string | null {
    return this.server.familyOf(this.store.tokens?.accessToken);
  }
  /** A new name for a sign-in. Nothing tells whether it is the same person. */
  newFamily(): string {
    return `sign-in ${this.server.issued}`;
  }
  /** Issues new tokens of the sign-in that the store contains. */
  refreshed(): TokenSet {
    return this.server.issue(this.storedFamily ?? '');
  }
  pass(ms: number): void {
    this.ledger.causes += 1;
    this.clock.pass(ms);
  }
  jump(direction: 1 | -1): void {
    this.ledger.causes += 1;
    this.clock.jump(direction * AN_HOUR);
  }
  sleep(): void {
    this.ledger.causes += 1;
    this.cell?.slept();
    this.clock.sleep(AN_HOUR);
  }
}
