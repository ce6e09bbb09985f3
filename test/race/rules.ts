import type { World } from './world.ts';

/** What the rules compare a step with. */
export interface Before {
  readonly family: string | null;
  readonly token: string | null;
  readonly running: number;
  /** A refresh has just been about the token in force. */
  readonly isRecent: boolean;
  /** What the refresh that runs is to replace is still in force. */
  readonly isRefreshed: boolean;
  readonly refreshes: number;
  readonly inFlight: readonly { readonly index: number; readonly family: string | null }[];
}

export function before(world: World): Before {
  const { ledger, session } = world;
  const token = session.state.tokens?.accessToken ?? null;
  return {
    family: ledger.familyOf(token),
    token,
    running: ledger.running.length,
    isRecent: ledger.isRecent(token),
    isRefreshed: ledger.running.some((refresh) => refresh.token === token),
    refreshes: ledger.refreshes.length,
    inFlight: ledger.inFlight.map(({ request }) => ({ index: request.index, family: request.family })),
  };
}

/** What was wrong about a step, besides what the ledger has seen itself. */
export function stepFaults(world: World, event: string, was: Before): string[] {
  const { ledger, session } = world;
  const { status, tokens } = session.state;
  const faults = ledger.faults.splice(0);
  const family = ledger.familyOf(tokens?.accessToken);
  const is = (rule: number, what: string, wrong: boolean): void => {
    if (wrong) faults.push(`rule ${rule}: ${what}`);
  };
  const [verb, subject] = event.split(' ');

  if (verb === 'unsubscribe') {
    const index = Number(subject);
    is(
      6,
      'a request stayed on the wire after its subscriber had left',
      ledger.inFlight.some(({ request }) => request.index === index),
    );
    is(
      6,
      'others were not left alone',
      ledger.inFlight.length < was.inFlight.filter((send) => send.index !== index).length,
    );
    is(7, 'a refresh ended because a waiter left', ledger.running.length !== was.running);
  }
  if (event === 'refresh refused')
    is(11, 'a refusal left the session on', was.isRefreshed && was.family === family && family !== null);
  if (event === 'refresh unavailable') is(11, 'an outage ended the session', family !== was.family);
  if (verb === 'answer') {
    const request = ledger.requests[Number(subject)]!;
    const answered = request.sends.findLast(({ status: answer }) => answer !== null)!;
    const isOwn = request.family === was.family && request.family !== null;
    is(
      8,
      'an answer for one sign-in changed another',
      !isOwn && (family !== was.family || ledger.refreshes.length > was.refreshes),
    );
    if (answered.status === 401 && isOwn && request.sends.length < 3) {
      // A refresh may wait for the store before it asks the server.
      const goesOn = status === 'refreshing' || request.sends.at(-1) !== answered;
      const isLate = answered.token !== was.token;
      // Unless the newer token has died, too, and its refresh failed a moment ago.
      const isToldWhy = was.isRecent && request.outcomes.includes('RefreshFailedError');
      is(2, 'a late 401 was not sent again', isLate && !goesOn && !isToldWhy);
      is(2, 'a 401 of the current token began no refresh', !isLate && !goesOn && request.asked === 0 && !was.isRecent);
      // Tokens that were found in the store may have died there: those are not what was asked for.
      if (!isLate && (status === 'refreshing' || ledger.refreshes.length > was.refreshes)) request.asked += 1;
    }
  }
  if (/^(sign out|dispose|another tab signs out)$/.test(event)) {
    is(7, 'a refresh outlived its owner', ledger.running.length > 0);
    is(8, 'somebody is still signed in', family !== null || status !== 'signed-out');
  }
  if (event === 'somebody signs in')
    is(
      7,
      'a refresh outlived its owner',
      ledger.running.some(({ token }) => token !== tokens?.accessToken),
    );
  return faults;
}

/** What is still owed when nothing is left to wait for. */
export function endFaults(world: World): string[] {
  const { ledger } = world;
  const faults = ledger.faults.splice(0);
  for (const { index, outcomes, unsubscribed } of ledger.requests)
    if (outcomes.length !== (unsubscribed ? 0 : 1))
      faults.push(`rule 4: request ${index} got ${outcomes.length} outcomes`);
  if (ledger.running.length > 0) faults.push('rule 4: a refresh never ended');
  return faults;
}
