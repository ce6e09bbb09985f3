import { sharedStore, type Cell, type StoredSession, type TokenSet } from '../session/index.ts';
import { openPort, type RefreshLease, type RefreshTurn, type StorePort } from '../session/internal.ts';
import { type CellSite, check, checkSame, eventually, within } from './site-law.ts';
import { record, type Recording } from './recording.ts';

/** What a session in one tab or process is to a shared store, without the session: only the port by which it reads and writes the store. */
export interface LawHolder {
  readonly port: StorePort<TokenSet>;
  /** The events that the store has emitted, as text. */
  readonly story: string[];
}

export const tokensOf = (n: number): TokenSet => ({
  accessToken: `access-${String(n)}`,
  refreshToken: `refresh-${String(n)}`,
});

/** Creates a holder of a shared store on the site's cell, or on a cell that wraps it. */
export function holderOn(site: CellSite, cell: Cell<StoredSession> = site.open()): LawHolder {
  const story: string[] = [];
  const port = sharedStore(cell, { leaseMs: site.leaseMs })[openPort]({
    storeTimeoutMs: 2 * site.leaseMs,
    refreshTimeoutMs: 2 * site.leaseMs,
    minRefreshIntervalMs: 0,
    emit: (event) => story.push(event.type === 'store-failed' ? `${event.operation} ${event.message}` : event.type),
  });
  return { port, story };
}

export const done = async (site: CellSite, what: string, recording: Recording<unknown>): Promise<void> => {
  await eventually(site, what, () => recording.settled !== undefined);
};

export async function signIn(
  site: CellSite,
  { port }: LawHolder,
  owner: string = 'A',
  tokens: TokenSet = tokensOf(1),
): Promise<void> {
  const written = record(port.signIn(owner, tokens));
  await done(site, 'a sign-in', written);
  checkSame(written.settled?.kind, 'complete', 'the sign-in');
}

export async function read(site: CellSite, { port }: LawHolder): Promise<unknown> {
  const reading = record(port.read());
  await done(site, 'a read', reading);
  return reading.values[0];
}

export async function reader(site: CellSite, cell?: Cell<StoredSession>): Promise<LawHolder> {
  const holder = holderOn(site, cell);
  await read(site, holder);
  return holder;
}

export const turnOf = ({ port }: LawHolder): Recording<RefreshTurn<TokenSet>> =>
  record(port.turn({ ignoreFailure: true }));
export const kindOf = (turn: Recording<RefreshTurn<TokenSet>>): string =>
  turn.values[0]?.kind ?? turn.settled?.kind ?? 'waiting';

export async function granted(site: CellSite, turn: Recording<RefreshTurn<TokenSet>>): Promise<RefreshLease<TokenSet>> {
  await eventually(site, 'a turn', () => kindOf(turn) !== 'waiting');
  const [value] = turn.values;
  check(value?.kind === 'granted', `the turn is ${kindOf(turn)}`);
  return value.lease;
}

export async function stored(site: CellSite): Promise<StoredSession | null> {
  return within(site, 'a read', (async () => site.open().read())());
}
