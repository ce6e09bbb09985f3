import type { World } from './world.ts';

/** Something that can happen now. */
export interface RaceEvent {
  readonly name: string;
  run(): void;
}

const MAX_REQUESTS = 3;

export const KINDS: readonly string[] = [
  'request',
  'unsubscribe',
  'answer',
  'refresh ok',
  'refresh refused',
  'refresh unavailable',
  'store writes',
  'lock granted',
  'server rejects the token',
  'sign out',
  'somebody signs in',
  'another tab refreshes',
  'another tab refreshes, the old token dies',
  'another tab refreshes, untold',
  'another tab signs out',
  'a minute passes',
  'dispose',
];

/**
 * All that can happen in a world, in a fixed order. Requests with one history are interchangeable: only the first is acted on.
 *
 * @param kinds - which are wanted, by number; none means all
 */
export function possible(world: World, kinds: readonly number[] = []): RaceEvent[] {
  const { ledger, session } = world;
  const { status, tokens } = session.state;
  const events: RaceEvent[] = [];
  const wanted = kinds.map((kind) => KINDS[kind % KINDS.length]);
  const add = (name: string, run: () => void): void => {
    const kind = name.replace(/ \d+$/, '');
    if (wanted.length === 0 || wanted.includes(kind)) events.push({ name, run });
  };

  if (ledger.requests.length < MAX_REQUESTS) add('request', () => world.request());
  const seen = new Set<string>();
  for (const { index, family, sends, outcomes, unsubscribed } of ledger.requests) {
    const history = JSON.stringify([
      family,
      sends.map(({ token, status: answer }) => [token, answer]),
      outcomes,
      unsubscribed,
    ]);
    if (seen.has(history) || unsubscribed || outcomes.length > 0) continue;
    seen.add(history);
    add(`unsubscribe ${index}`, () => world.unsubscribe(index));
    const send = sends.at(-1);
    if (send?.status === null && !send.aborted) add(`answer ${index}`, () => world.respond(send));
  }
  if (world.isDisposed) return events;
  if (world.isRefreshing)
    for (const answer of ['ok', 'refused', 'unavailable'] as const)
      add(`refresh ${answer}`, () => world.refreshEnds(answer));
  if (world.isLocked) add('lock granted', () => world.grant());
  if (world.isWriting) add('store writes', () => world.storeWrites());
  if (tokens && !ledger.isDead(tokens.accessToken))
    add('server rejects the token', () => ledger.kills(tokens.accessToken));
  if (status !== 'signed-out') add('sign out', () => void session.signOut());
  // The same user or another: nothing tells them apart but whose the tokens are, and each sign-in has its own.
  add('somebody signs in', () => world.signIn(`sign-in ${ledger.refreshes.length} ${ledger.requests.length}`));
  const family = ledger.familyOf(tokens?.accessToken);
  if (family !== null && tokens) {
    add('another tab refreshes', () => world.elsewhere(world.issue(family)));
    add('another tab refreshes, the old token dies', () => {
      ledger.kills(tokens.accessToken);
      world.elsewhere(world.issue(family));
    });
  }
  // What a frozen tab does not hear of, or what a store does not tell: it is found at the next look.
  if (family !== null && tokens && wanted.length > 0)
    add('another tab refreshes, untold', () => world.elsewhere(world.issue(family), false));
  if (tokens) add('another tab signs out', () => world.elsewhere(null));
  add('a minute passes', () => world.pass(60_000));
  add('dispose', () => world.dispose());
  return events;
}
