import { lastValueFrom, map, Subject, takeUntil, timer } from 'rxjs';
import type { StoredSession, TokenSet } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RefreshTurn, Stored } from '../../src/session/store-port.ts';
import { mutexOf } from '../support/mutex.ts';
import { record } from '../support/recorder.ts';
import { holderOf, passAsync, peek, type Holder, type SessionCell } from './shared-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Mulberry32: short, and the same on every machine. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const later = <R>(ms: number, work: () => R): Promise<R> => lastValueFrom(timer(ms).pipe(map(work)));

/** The token endpoint: each refresh token can be used once. */
class Server {
  readonly reused: string[] = [];
  readonly #newest = new Map<string, number>();

  signIn(owner: string): TokenSet {
    this.#newest.set(owner, 1);
    return this.#tokens(owner);
  }

  /** The refresh token that is currently valid. */
  good(owner: string): string {
    return `${owner}/${String(this.#newest.get(owner))}`;
  }

  refresh(presented: string): TokenSet | null {
    const [owner = ''] = presented.split('/');
    if (presented !== this.good(owner)) {
      this.reused.push(presented);
      return null;
    }
    this.#newest.set(owner, (this.#newest.get(owner) ?? 0) + 1);
    return this.#tokens(owner);
  }

  #tokens(owner: string): TokenSet {
    return { accessToken: `access of ${this.good(owner)}`, refreshToken: this.good(owner) };
  }
}

/** A slow access to the record that sometimes fails, before or after a swap has taken effect. */
function shakyCell(inner: SessionCell, random: () => number, faults: { rate: number }): SessionCell {
  const delay = (): number => Math.floor(random() * 30);
  const fail = (): void => {
    if (random() < faults.rate) throw new Error('lost');
  };
  const access = async <R>(work: () => R): Promise<R> => {
    const result = await later(delay(), () => {
      fail();
      return work();
    });
    return later(delay(), () => {
      fail();
      return result;
    });
  };
  return {
    read: () => access(() => inner.read() as StoredSession | null),
    swap: (expected, next) => access(() => inner.swap(expected, next) as boolean),
    ...(inner.news$ && { news$: inner.news$ }),
    ...(inner.lock && { lock: inner.lock }),
  };
}

/** The part of a session that matters to its store. */
class Model {
  owner: string | null = null;
  tokens: TokenSet | null = null;
  readonly #holder: Holder;
  readonly #server: Server;
  readonly #random: () => number;
  #turn: { unsubscribe(): void } | null = null;
  readonly #over$ = new Subject<void>();

  constructor(holder: Holder, server: Server, random: () => number) {
    this.#holder = holder;
    this.#server = server;
    this.#random = random;
    holder.port.news$?.subscribe((stored) => this.adopt(stored));
  }

  adopt(stored: Stored<TokenSet> | 'known'): void {
    if (stored === 'known') return;
    const { owner, tokens } = stored;
    if (owner !== this.owner) this.#endTurn();
    this.owner = owner;
    this.tokens = tokens;
  }

  signIn(owner: string): void {
    const tokens = this.#server.signIn(owner);
    // Sign in before the turn is given back; otherwise another holder could present the tokens of the former owner.
    record(this.#holder.port.signIn(owner, tokens));
    this.#holder.port.takeUnsaved();
    this.adopt({ owner, tokens });
  }

  signOut(): void {
    record(this.#holder.port.signOut(this.owner));
    this.#holder.port.takeUnsaved();
    this.adopt({ owner: null, tokens: null });
  }

  /** A newer access token, as from a header of some response. */
  update(): void {
    if (!this.owner || !this.tokens) return;
    this.tokens = { ...this.tokens, accessToken: `${this.tokens.accessToken}+` };
    record(this.#holder.port.update(this.owner, this.tokens));
  }

  refresh(): void {
    if (this.#turn || !this.tokens) return;
    this.#turn = this.#holder.port.turn({ ignoreFailure: true }).subscribe({
      next: (turn) => void this.#use(turn),
      error: () => (this.#turn = null),
    });
  }

  look(): void {
    this.#holder.port.read().subscribe((stored) => this.adopt(stored));
  }

  /**
   * Reads the store if nobody is signed in, else refreshes: without change notifications, a signed-out session does not know who has signed
   * in elsewhere.
   */
  lookOrRefresh(): void {
    if (this.tokens) this.refresh();
    else this.look();
  }

  async #use(turn: RefreshTurn<TokenSet>): Promise<void> {
    const its = this.#turn;
    if (turn.kind === 'newer') this.adopt(turn.stored);
    if (turn.kind !== 'granted') {
      this.#turn = null;
      return;
    }
    const presented = this.tokens?.refreshToken;
    const { owner } = this;
    if (presented === undefined || owner === null) return;
    const next = await later(this.#random() * 60, () => this.#server.refresh(presented));
    const isOwner = this.#turn === its && its !== null;
    if (!isOwner || !next) return;
    const outcome = await lastValueFrom(turn.lease.commit(owner, next).pipe(takeUntil(this.#over$)), {
      defaultValue: null,
    }).catch(() => null);
    if (this.#turn !== its) return;
    if (outcome?.kind === 'committed') this.tokens = next;
    if (outcome?.kind === 'overtaken') this.adopt(outcome.stored);
    this.#endTurn();
  }

  #endTurn(): void {
    this.#over$.next();
    this.#turn?.unsubscribe();
    this.#turn = null;
  }
}

const engines: Readonly<Record<string, (memory: SessionCell) => SessionCell>> = {
  'that has news': (memory) => memory,
  'that has no news': ({ read, swap }) => ({ read, swap }),
  'that has a lock': (memory) => ({ ...memory, lock: mutexOf() }),
};

async function run(seed: number, engineOf: (memory: SessionCell) => SessionCell): Promise<void> {
  const random = randomOf(seed);
  vi.spyOn(Math, 'random').mockImplementation(random);
  const store = peek();
  const server = new Server();
  const faults = { rate: 0 };
  const engine = engineOf(store.cell);
  const models = [1, 2, 3].map(
    () => new Model(holderOf(shakyCell(engine, random, faults), { deaf: true }), server, random),
  );
  const ended = new Set<string>();
  let owners = 0;
  for (let step = 0; step < 60; step += 1) {
    const model = models[Math.floor(random() * models.length)]!;
    const chance = random();
    if (chance < 0.04) {
      owners += 1;
      model.signIn(`owner ${String(owners)}`);
    } else if (chance < 0.07) {
      if (model.owner) ended.add(model.owner);
      model.signOut();
    } else if (chance < 0.15) model.update();
    else if (chance < 0.2) faults.rate = random() < 0.5 ? 0 : 0.3;
    else if (chance < 0.7) model.refresh();
    await passAsync(Math.floor(random() * 80));
  }
  faults.rate = 0;
  await passAsync(30_000);
  // A lease that could not be given back has ended by now; in every case a refresh is possible.
  const before = store.now;
  for (let round = 0; round < 2; round += 1) {
    for (const model of models) model.lookOrRefresh();
    await passAsync(30_000);
  }
  if (!engine.news$) for (const model of models) model.look();
  await passAsync(1_000);

  const { now } = store;
  const where = `seed ${String(seed)}`;
  expect([where, server.reused]).toEqual([where, []]);
  expect([where, now?.lease]).toEqual([where, undefined]);
  expect([where, models.map(({ owner }) => owner)]).toEqual([where, models.map(() => now?.owner ?? null)]);
  if (now?.owner) {
    expect([where, now.generation > (before?.generation ?? 0)]).toEqual([where, true]);
    const tokens = JSON.parse(now.tokens!) as TokenSet;
    expect([where, tokens.refreshToken]).toEqual([where, server.good(now.owner)]);
    expect([where, models.map((model) => model.tokens)]).toEqual([where, models.map(() => tokens)]);
    expect([where, ended.has(now.owner)]).toEqual([where, false]);
  }
  expect([where, vi.getTimerCount()]).toEqual([where, 0]);
}

describe('three holders of a shared store that is slow and sometimes fails', () => {
  it.each(Object.entries(engines))(
    'lose no rotation, present no token twice, bring back nobody, and end with the same state: over a cell %s',
    { timeout: 60_000 },
    async (_name, engineOf) => {
      for (let seed = 1; seed <= 60; seed += 1) await run(seed, engineOf);
    },
  );
});
