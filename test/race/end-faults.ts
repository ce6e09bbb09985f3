import { followFaults } from './invariants.ts';
import type { World } from './world.ts';

/** Answers everything that is pending, in rounds. Yields after each answer, for requests that need a moment. */
export function* settle(world: World): Generator<void> {
  const { clock, ledger, holders, store, tab, cell } = world;
  // Longer than a few writes wait before they are tried again.
  clock.pass(16_000);
  yield;
  followFaults(world);
  for (const { index } of holders) store.recover(index);
  for (let round = 0; round < 8 && (round === 0 || isOwed(world)); round += 1) {
    for (const owed of [
      () => tab?.settle(),
      () => {
        for (const { index } of holders) cell?.tell(index);
      },
      () => {
        for (const send of ledger.inFlight) ledger.answer(send);
      },
      () => {
        for (const holder of holders) holder.refreshEnds('ok');
      },
      () => tab?.settle(),
      () => world.pass(2_000),
    ]) {
      owed();
      yield;
    }
  }
  world.pass(200_000);
  for (const { index } of holders) cell?.tell(index);
  yield;
}

/** Whether something still waits for the world. */
function isOwed({ ledger, holders, tab, cell }: World): boolean {
  return (
    ledger.inFlight.length > 0 ||
    ledger.requests.some(({ outcomes, unsubscribed }) => outcomes.length === 0 && !unsubscribed) ||
    holders.some(
      ({ index, isRefreshing, session }) =>
        isRefreshing || session.state.status === 'refreshing' || cell?.hasNews(index),
    ) ||
    (tab?.isWriting ?? false)
  );
}

/** Returns what is wrong at the end of a schedule, when nothing is left to wait for: a request without an outcome, a lost rotation. */
export function endFaults(world: World): string[] {
  const { ledger, store, tab, alive } = world;
  for (const { index, outcomes, unsubscribed } of ledger.requests)
    if (outcomes.length !== (unsubscribed ? 0 : 1)) ledger.fault(4, `request ${index} got ${outcomes.length} outcomes`);
  if (ledger.running.length > 0) ledger.fault(4, 'a refresh never ended');
  for (const holder of alive) {
    const { tokens } = holder.session.state;
    if (ledger.isExchanged(tokens?.refreshToken, (index) => !world.holders[index]!.isDisposed))
      ledger.fault(14, 'a rotation was lost: the refresh token in force has been exchanged');
    if (tab && tokens && !store.isForeign(0) && !ledger.storeHasFailed && store.tokens?.accessToken !== holder.token)
      ledger.fault(10, 'the store does not hold the tokens in force');
    if (tab && !tokens && holder.hasEnded && !store.isForeign(0) && !ledger.storeHasFailed && store.tokens)
      ledger.fault(16, 'the store is not empty after the session has ended');
  }
  followFaults(world);
  return ledger.faults.splice(0);
}
