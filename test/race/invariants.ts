import type { TokenSet } from 'sluice/session';
import type { RaceEvent } from './events.ts';
import type { Holder } from './holder.ts';
import type { Refresh } from './ledger.ts';
import type { World } from './world.ts';

/** The state of a holder before a step. */
export interface HolderBefore {
  readonly family: string | null;
  readonly token: string | null;
  readonly owner: string | null;
  /** A refresh of its token has just ended at some holder. */
  readonly isRecent: boolean;
}

/** The state that the rules compare a step with. */
export interface Before {
  readonly holders: readonly HolderBefore[];
  readonly running: readonly Refresh[];
  readonly refreshes: number;
  readonly inFlight: readonly number[];
  readonly storedFamily: string | null;
  readonly stored: TokenSet | null;
}

/** Tells the ledger which invariants the state breaks, whatever happened in the step. */
export function invariantFaults(world: World, event: RaceEvent, was: Before): void {
  const { ledger, holders } = world;
  holders.forEach((holder, index) => {
    const { owner } = holder.session.state;
    ledger.named(owner, holder.family);
    for (const refresh of ledger.running) {
      // Restoring a session is no change of owner.
      const isOwn = refresh.token === null && holder.family === ledger.restoredFamily;
      if (refresh.holder === index && world.server.familyOf(refresh.token) !== holder.family && !isOwn)
        ledger.fault(7, 'a refresh outlived its owner');
    }
    if (holder.token !== null && holder.token === holder.refusedToken && !world.tab?.isWriting)
      ledger.fault(11, 'a refusal left the session on');
    ownerFaults(world, event, holder, was);
  });
  if (world.cell && ledger.running.length > 1)
    for (const { holder } of ledger.running)
      if (world.cell.isRobbed(holder)) ledger.fault(1, 'two holders refresh at a time');
  // Each cause leads to at most one refresh.
  if (ledger.refreshes.length > ledger.causes) ledger.fault(14, 'there were more refreshes than causes for them');
}

/** The changes of owner that no event explains. */
function ownerFaults(
  world: World,
  event: RaceEvent,
  holder: Holder,
  { holders, storedFamily: wasStored }: Before,
): void {
  const { ledger, store, storedFamily } = world;
  const { index, family } = holder;
  const was = holders[index]!;
  const { owner } = holder.session.state;
  if (owner === was.owner) return;
  const isOwn = event.holder === holder && /^(sign out|somebody signs in|dispose)$/.test(event.kind);
  const isFound = store.isForeign(index) && (storedFamily === family || wasStored === family);
  if (was.family !== null) {
    holder.left.add(was.owner!);
    if (world.tab) ledger.endings += 1;
    const isLost = store.isForeign(index) && storedFamily !== was.family;
    if (!isOwn && !isLost && !holder.refused.has(was.family)) ledger.fault(14, 'a sign-in ended for no reason');
  }
  const isBack = owner !== null && holder.left.has(owner);
  // A write of another tab comes back whatever a holder does; this holder reads the store only for a refresh.
  if (isBack && !(world.tab && isFound)) ledger.fault(16, 'a sign-in came back to a holder that had left it');
  const isRestored = was.family === null && family !== null;
  if (isRestored && !isOwn && !isFound && family !== ledger.restoredFamily)
    ledger.fault(16, 'somebody is signed in again, and nobody has signed in');
}

/** When everything in flight has ended, a holder that has got all change notifications must have the tokens that the store contains. */
export function followFaults(world: World): void {
  const { ledger, store, cell, storedFamily } = world;
  for (const { index, family, token } of world.alive) {
    if (!cell?.isInformed(index)) continue;
    if (family !== storedFamily) ledger.fault(16, `holder ${index} is not signed in as what the store holds`);
    else if (token !== (store.tokens?.accessToken ?? null))
      ledger.fault(10, `holder ${index} does not use the tokens that the store holds`);
  }
}
