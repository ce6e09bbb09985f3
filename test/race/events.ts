import type { Holder } from './holder.ts';
import type { Kind } from './kinds.ts';
import type { Request } from './ledger.ts';
import type { RaceCell } from './race-cell.ts';
import type { TabStore } from './tab-store.ts';
import type { World } from './world.ts';

/** An event that can happen now. */
export interface RaceEvent {
  readonly kind: Kind;
  /** The holder that it happens to, if it concerns one. */
  readonly holder?: Holder;
  /** The request that it happens to, if it concerns one. */
  readonly request?: Request;
  run(): void;
}

const MAX_REQUESTS = 3;

/**
 * Everything that can happen in a world, in a fixed order. Requests with the same history are interchangeable, and so
 * are holders: only the first one is used.
 *
 * @param kinds - the kinds of events that are wanted
 */
export function possible(world: World, kinds: readonly Kind[]): RaceEvent[] {
  const holders = distinct(world.holders, (holder) => JSON.stringify(historyOf(world, holder)));
  const events = [
    ...requestEvents(world),
    ...holders.flatMap((holder) => [...sessionEvents(world, holder), ...storeEvents(world, holder)]),
  ];
  if (world.alive.length > 0)
    events.push(
      ...distinct(holders, ({ token }) => String(token)).flatMap((holder) => rejections(world, holder)),
      ...(world.tab ? tabEvents(world, world.tab) : []),
      ...(world.cell ? deadHolderEvents(world, world.cell) : []),
      ...clockEvents(world),
    );
  return events.filter(({ kind }) => kinds.includes(kind));
}

/** What happened, in the words of a schedule. */
export function nameOf({ kind, holder, request }: RaceEvent, world: World): string {
  const at = holder && world.holders.length > 1 ? ` at ${'AB'[holder.index]!}` : '';
  return `${kind}${request ? ` ${request.index}` : ''}${at}`;
}

function distinct<X>(all: readonly X[], key: (x: X) => string): X[] {
  const seen = new Set<string>();
  return all.filter((x) => !seen.has(key(x)) && seen.add(key(x)));
}

function historyOf(world: World, holder: Holder): unknown {
  const { status, tokens, reason } = holder.session.state;
  const requests = world.ledger.requests.filter((request) => request.holder === holder.index);
  return [status, reason, tokens, requests.map(historyOfRequest), world.cell?.traitsOf(holder.index)];
}
function historyOfRequest({ holder, family, sends, outcomes, unsubscribed }: Request): unknown {
  return [holder, family, sends.map(({ token, status }) => [token, status]), outcomes, unsubscribed];
}

function requestEvents({ ledger, holders }: World): RaceEvent[] {
  const open = ledger.requests.filter(({ unsubscribed, outcomes }) => !unsubscribed && outcomes.length === 0);
  return distinct(open, (request) => JSON.stringify(historyOfRequest(request))).flatMap((request) => {
    const holder = holders[request.holder]!;
    const send = request.sends.at(-1);
    const events: RaceEvent[] = [{ kind: 'unsubscribe', request, run: () => holder.unsubscribe(request) }];
    if (send?.status === null && !send.aborted)
      events.push({ kind: 'answer', request, run: () => ledger.answer(send) });
    return events;
  });
}

function sessionEvents(world: World, holder: Holder): RaceEvent[] {
  const { ledger, server } = world;
  const { status, tokens, owner } = holder.session.state;
  const { family } = holder;
  const events: RaceEvent[] = [];
  const add = (kind: Kind, run: () => void): void => void events.push({ kind, holder, run });
  if (ledger.requests.length < MAX_REQUESTS) add('request', () => holder.request());
  if (holder.isDisposed) return events;
  if (holder.isRefreshing)
    for (const answer of ['ok', 'refused', 'unavailable'] as const)
      add(`refresh ${answer}`, () => holder.refreshEnds(answer));
  if (holder.hasLateRefresh) add('a late refresh answers', () => holder.lateRefreshAnswers());
  if (status !== 'signed-out') add('sign out', () => holder.signOut());
  add('somebody signs in', () => holder.signIn(world.newFamily()));
  add('a refresh is asked for', () => holder.askForRefresh());
  if (tokens && family !== null && owner !== null) {
    add('the app updates the tokens', () => holder.update(server.issue(family)));
    add('the app updates the access token', () => {
      const { refreshToken, ...rest } = server.issue(family);
      holder.update(rest);
    });
  }
  add('dispose', () => holder.dispose());
  return events;
}

function storeEvents({ store, cell }: World, holder: Holder): RaceEvent[] {
  const { index, isDisposed } = holder;
  const events: RaceEvent[] = [];
  if (isDisposed) return events;
  const add = (kind: Kind, run: () => void): void => void events.push({ kind, holder, run });
  if (store.isDown(index)) add('the store recovers', () => store.recover(index));
  else {
    add('the store fails', () => store.fail(index));
    add('a write lands but is reported as failed', () => store.lie(index));
  }
  if (cell?.hasNews(index) && !cell.isDown(index)) {
    add('news arrives', () => cell.tell(index));
    add('news is lost', () => cell.loseNews(index));
  }
  return events;
}

function rejections({ server }: World, { token }: Holder): RaceEvent[] {
  if (token === null || !server.accepts(token)) return [];
  return [{ kind: 'server rejects the token', run: () => server.kill(token) }];
}

/** What another tab does with the store. The session finds it at its next read. */
function tabEvents(world: World, tab: TabStore): RaceEvent[] {
  const { server, storedFamily } = world;
  const [holder] = world.alive;
  const events: RaceEvent[] = [];
  const add = (kind: Kind, run: () => void): void => void events.push({ kind, run });
  if (tab.isWriting) add('store writes', () => tab.settle());
  if (!holder) return events;
  if (storedFamily !== null && tab.keepsOwner) {
    const { owner } = tab;
    add('another tab refreshes', () => tab.write(world.refreshed(), owner));
    add('another tab refreshes, the old token dies', () => {
      if (holder.token !== null) server.kill(holder.token);
      tab.write(world.refreshed(), owner);
    });
  }
  if (storedFamily !== null) add('another tab signs out', () => tab.write(null, null));
  const family = world.newFamily();
  add('another tab signs in', () => tab.write(server.issue(family), `another tab's ${family}`));
  return events;
}

function deadHolderEvents(world: World, cell: RaceCell): RaceEvent[] {
  if (cell.hasDeadHolder) return [{ kind: 'the dead holder wakes up', run: () => cell.wakeUp(world.refreshed()) }];
  if (cell.owner === null || cell.isLeased) return [];
  return [{ kind: 'another holder dies with the lease', run: () => cell.die() }];
}

function clockEvents(world: World): RaceEvent[] {
  return [
    { kind: 'a minute passes', run: () => world.pass(60_000) },
    { kind: 'the clock jumps ahead', run: () => world.jump(1) },
    { kind: 'the clock jumps back', run: () => world.jump(-1) },
    { kind: 'the machine sleeps', run: () => world.sleep() },
  ];
}
