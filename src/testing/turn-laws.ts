import type { TokenSet } from '../session/index.ts';
import { type SiteLaw, type CellSite, checkSame, eventually, severable } from './site-law.ts';
import {
  done,
  granted,
  holderOn,
  kindOf,
  type LawHolder,
  reader,
  signIn,
  stored,
  tokensOf,
  turnOf,
} from './law-holder.ts';
import { record } from './recording.ts';

/** A server that accepts any refresh token and records which were presented. */
class RotatingServer {
  readonly presented: number[] = [];
  #last = 1;

  async present(site: CellSite, token: number): Promise<number> {
    this.presented.push(token);
    await site.pass(site.leaseMs / 20);
    this.#last += 1;
    return this.#last;
  }
}

const numberOf = (tokens: TokenSet | null): number => Number(tokens?.accessToken.slice('access-'.length));

/** Refreshes expired tokens as a session does. Returns the number of the tokens that the holder then has. */
async function refreshOnce(
  site: CellSite,
  holder: LawHolder,
  server: RotatingServer,
  current: number,
): Promise<number> {
  const turn = turnOf(holder);
  await eventually(site, 'a turn', () => kindOf(turn) !== 'waiting');
  const [value] = turn.values;
  if (value?.kind === 'newer' && value.stored !== 'known') return numberOf(value.stored.tokens);
  const lease = await granted(site, turn);
  const next = await server.present(site, current);
  const committed = record(lease.commit('A', tokensOf(next)));
  await done(site, 'a commit', committed);
  turn.unsubscribe();
  checkSame(committed.values, [{ kind: 'committed' }], 'the commit');
  return next;
}

/** The laws (requirements, as tests) about the turn, which is the right of one holder of a shared store to refresh. */
export const turnLaws: readonly SiteLaw[] = [
  {
    title: 'five holders whose tokens expire at the same time present each refresh token once',
    async check(site) {
      const server = new RotatingServer();
      const first = holderOn(site);
      await signIn(site, first);
      const holders = [first, ...(await Promise.all([1, 2, 3, 4].map(() => reader(site))))];
      let tokens = holders.map(() => 1);
      for (let round = 0; round < 4; round += 1) {
        tokens = await Promise.all(holders.map((holder, n) => refreshOnce(site, holder, server, tokens[n] ?? 1)));
      }
      checkSame(server.presented, [1, 2, 3, 4], 'the tokens that were presented');
    },
  },
  {
    title: 'never two holders have the turn, and each that waits gets it',
    async check(site) {
      await signIn(site, holderOn(site));
      let inside = 0;
      let most = 0;
      const holders = await Promise.all([1, 2, 3, 4, 5].map(() => reader(site)));
      await Promise.all(
        holders.map(async (holder) => {
          const turn = turnOf(holder);
          await granted(site, turn);
          inside += 1;
          most = Math.max(most, inside);
          await site.pass(site.leaseMs / 20);
          inside -= 1;
          turn.unsubscribe();
        }),
      );
      checkSame(most, 1, 'the most at a time');
    },
  },
  {
    title: 'a dead holder is succeeded after its lease, and not before',
    needs: ['lease'],
    async check(site) {
      const dying = severable(site.open());
      const one = holderOn(site, dying.cell);
      await signIn(site, one);
      const held = turnOf(one);
      await granted(site, held);
      dying.isCut = true;
      const two = await reader(site);
      const waiting = turnOf(two);
      await site.pass(site.leaseMs * 0.8);
      checkSame(kindOf(waiting), 'waiting', 'the turn before the lease is over');
      await granted(site, waiting);
      for (const { port } of [one, two]) port.close();
      held.unsubscribe();
      waiting.unsubscribe();
    },
  },
  {
    title: 'a living holder keeps its turn beyond the lease',
    async check(site) {
      const one = holderOn(site);
      await signIn(site, one);
      const held = turnOf(one);
      const lease = await granted(site, held);
      const waiting = turnOf(await reader(site));
      for (let n = 0; n < 25; n += 1) await site.pass(site.leaseMs / 10);
      checkSame(kindOf(waiting), 'waiting', 'the turn of another holder');
      const committed = record(lease.commit('A', tokensOf(2)));
      await done(site, 'the commit', committed);
      checkSame(committed.values, [{ kind: 'committed' }], 'the commit');
      held.unsubscribe();
      await eventually(site, 'the tokens for who waits', () => kindOf(waiting) === 'newer');
    },
  },
  {
    title: 'a holder that was succeeded cannot write',
    needs: ['lease'],
    async check(site) {
      const stopped = severable(site.open());
      const one = holderOn(site, stopped.cell);
      await signIn(site, one);
      const held = turnOf(one);
      const lease = await granted(site, held);
      stopped.isCut = true;
      const waiting = turnOf(await reader(site));
      const other = await granted(site, waiting);
      const committed = record(other.commit('A', tokensOf(3)));
      await done(site, 'the commit', committed);
      stopped.isCut = false;
      const late = record(lease.commit('A', tokensOf(2)));
      await done(site, 'the late commit', late);
      checkSame(late.values[0]?.kind, 'overtaken', 'the late commit');
      checkSame((await stored(site))?.tokens, JSON.stringify(tokensOf(3)), 'the tokens');
      held.unsubscribe();
      waiting.unsubscribe();
    },
  },
  {
    title: 'waiting for a turn can be given up, and leaves nothing behind',
    async check(site) {
      const one = holderOn(site);
      await signIn(site, one);
      const held = turnOf(one);
      await granted(site, held);
      const waiting = turnOf(await reader(site));
      await site.pass(site.leaseMs / 3);
      waiting.unsubscribe();
      held.unsubscribe();
      const next = turnOf(await reader(site));
      await granted(site, next);
      next.unsubscribe();
      const last = turnOf(await reader(site));
      last.unsubscribe();
      await site.pass(site.leaseMs / 2);
      checkSame((await stored(site))?.lease, undefined, 'the lease');
    },
  },
];
