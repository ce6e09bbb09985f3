import type { RaceEvent } from './events.ts';
import type { Holder } from './holder.ts';
import type { Before } from './invariants.ts';
import type { World } from './world.ts';

export function before(world: World): Before {
  const { ledger, holders, store } = world;
  return {
    holders: holders.map((holder) => ({
      family: holder.family,
      token: holder.token,
      owner: holder.session.state.owner,
      // Another holder's failure counts as well.
      isRecent: holders.some((other) => other.mayBeRecent(holder.token)),
    })),
    running: ledger.running,
    refreshes: ledger.refreshes.length,
    inFlight: ledger.inFlight.map(({ request }) => request.index),
    storedFamily: world.storedFamily,
    stored: store.tokens,
  };
}

/** Tells the ledger which rules an event has broken. */
export function eventFaults(world: World, event: RaceEvent, was: Before): void {
  const { ledger } = world;
  switch (event.kind) {
    case 'unsubscribe':
      afterUnsubscribing(world, event.request!.index, was);
      break;
    case 'answer':
      afterAnswer(world, event.request!.index, was);
      break;
    case 'refresh refused':
      afterRefusal(world, event.holder!, was);
      break;
    case 'sign out':
    case 'dispose': {
      const { family, index } = event.holder!;
      // A sign-in at another holder that could not be stored until now is an exception.
      if (family !== null && (family === was.holders[index]!.family || family !== world.storedFamily))
        ledger.fault(8, 'somebody is still signed in');
      break;
    }
    case 'the app updates the tokens':
    case 'the app updates the access token':
      afterUpdate(world, event.holder!);
      break;
    case 'the machine sleeps':
      afterSleep(world, was);
      break;
    default:
  }
}

function afterSleep({ ledger, server, holders }: World, was: Before): void {
  for (const { holder, token, end, hasSlept } of was.running)
    // A refresh may end if its holder was notified of another owner on waking: its family differs then.
    if (end === 'ended' && !hasSlept && server.familyOf(token) === holders[holder]!.family)
      ledger.fault(14, 'a refresh was given up while the machine slept');
  for (const refresh of ledger.running) refresh.hasSlept = true;
}

function afterUnsubscribing({ ledger, server, holders }: World, index: number, was: Before): void {
  const onTheWire = ledger.inFlight.map(({ request }) => request.index);
  if (onTheWire.includes(index)) ledger.fault(6, 'a request stayed on the wire after its subscriber had left');
  if (onTheWire.length < was.inFlight.filter((other) => other !== index).length)
    ledger.fault(6, 'others were not left alone');
  for (const { holder, token, end } of was.running)
    if (end !== null && server.familyOf(token) === holders[holder]!.family)
      ledger.fault(7, 'a refresh ended because a waiter left');
}

function afterAnswer({ ledger, holders, store }: World, index: number, was: Before): void {
  const request = ledger.requests[index]!;
  const holder = holders[request.holder]!;
  const { family, token, owner, isRecent } = was.holders[request.holder]!;
  const answered = request.sends.findLast(({ status }) => status !== null)!;
  const { status, owner: ownerNow } = holder.session.state;
  const beganRefresh = ledger.refreshes.length > was.refreshes;
  if (request.family !== family || family === null) {
    // The request was made for a former owner, or for nobody.
    if (family !== null && (ownerNow !== owner || holder.token !== token || beganRefresh))
      ledger.fault(8, 'an answer for one sign-in changed another');
    if (family === null && beganRefresh) request.asked += 1;
    return;
  }
  if (answered.status !== 401 || request.sends.length === 3) return;
  const isLate = answered.token !== token;
  const goesOn = status === 'refreshing' || request.sends.at(-1) !== answered;
  const isToldWhy =
    (request.outcomes.includes('RefreshFailedError') && (isRecent || store.isDown(holder.index))) ||
    (request.outcomes.includes('SessionChangedError') && holder.family !== family);
  if (isLate && !goesOn && !isToldWhy) ledger.fault(2, 'a late 401 was not sent again');
  if (!isLate && !goesOn && !isToldWhy && request.asked === 0 && !isRecent)
    ledger.fault(2, 'a 401 of the current token began no refresh');
  // Count this 401 only if a refresh follows: the session may have found other tokens in the store instead, which may have expired and need
  // a refresh themselves.
  if (!isLate && (status === 'refreshing' || beganRefresh)) request.asked += 1;
}

/** A refusal ends only what was presented. */
function afterRefusal({ ledger, store, storedFamily }: World, holder: Holder, was: Before): void {
  const { index, family, session } = holder;
  const refused = was.running.find((refresh) => refresh.holder === index)!;
  const before = was.holders[index]!;
  if (refused.token !== before.token || before.family === null || store.isDown(index) || ledger.storeHasFailed) return;
  if (was.stored?.accessToken === refused.token) holder.refusedToken = refused.token;
  else if (
    session.state.status !== 'refreshing' &&
    (was.stored?.refreshToken ?? '') !== refused.presented &&
    store.isForeign(index) &&
    (family !== was.storedFamily || storedFamily !== was.storedFamily)
  )
    ledger.fault(11, 'a refusal ended more than what was presented');
}

function afterUpdate({ ledger, server }: World, { index, token, family }: Holder): void {
  if (token === null || !server.accepts(token) || server.isExpired(token)) return;
  for (const request of ledger.requests) {
    const isOpen = !request.unsubscribed && request.outcomes.length === 0;
    const isWaiting = !ledger.inFlight.some((send) => send.request === request);
    if (request.holder === index && request.family === family && isOpen && isWaiting)
      ledger.fault(4, `request ${request.index} waits although good tokens are in force`);
  }
}
