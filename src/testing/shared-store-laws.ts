import { NEVER } from 'rxjs';
import type { StoredSession } from '../session/index.ts';
import { type SiteLaw, checkSame, eventually, recordOf, within } from './site-law.ts';
import { done, granted, holderOn, kindOf, read, reader, signIn, stored, tokensOf, turnOf } from './law-holder.ts';
import { record } from './recording.ts';

/**
 * The laws (requirements, as tests) about a shared store on a cell, except those about the turn, which is the right of one holder to
 * refresh. A holder is what a session in one tab or process is to the store.
 */
export const sharedStoreLaws: readonly SiteLaw[] = [
  {
    title: 'a sign-out during a refresh stays',
    async check(site) {
      const one = holderOn(site);
      await signIn(site, one);
      const held = turnOf(one);
      const lease = await granted(site, held);
      await done(site, 'the sign-out', record((await reader(site)).port.signOut('A')));
      const late = record(lease.commit('A', tokensOf(2)));
      await done(site, 'the late commit', late);
      checkSame(late.values[0]?.kind, 'overtaken', 'the late commit');
      held.unsubscribe();
      checkSame((await stored(site))?.owner, null, 'the owner');
    },
  },
  {
    title: 'a sign-out, and a sign-in after it, come to every other holder',
    needs: ['news'],
    async check(site) {
      const one = holderOn(site);
      await signIn(site, one);
      const two = await reader(site);
      const news = record(two.port.news$ ?? NEVER);
      await site.pass(site.leaseMs / 3);
      await done(site, 'the sign-out', record(one.port.signOut('A')));
      await eventually(site, 'news of the sign-out', () => news.values.at(-1)?.owner === null);
      await signIn(site, one, 'B', tokensOf(7));
      await eventually(site, 'news of the sign-in', () => news.values.at(-1)?.owner === 'B');
      checkSame(news.values.at(-1), { owner: 'B', tokens: tokensOf(7) }, 'the news');
      news.unsubscribe();
    },
  },
  {
    title: 'a swap that threw after it took effect is resolved',
    async check(site) {
      const cell = site.open();
      let fails = 0;
      const one = holderOn(site, {
        ...cell,
        read: () => cell.read(),
        swap: async (expected, next) => {
          const isDone = await cell.swap(expected, next);
          fails += 1;
          if (fails % 2 === 1) throw new Error('connection lost');
          return isDone;
        },
      });
      await signIn(site, one);
      checkSame((await stored(site))?.owner, 'A', 'the owner');
      fails = 0;
      const turn = turnOf(one);
      const lease = await granted(site, turn);
      fails = 0;
      const committed = record(lease.commit('A', tokensOf(2)));
      await done(site, 'the commit', committed);
      turn.unsubscribe();
      checkSame(committed.values, [{ kind: 'committed' }], 'the commit');
      checkSame((await stored(site))?.tokens, JSON.stringify(tokensOf(2)), 'the tokens');
    },
  },
  {
    title: 'garbage is reported, and neither adopted nor overwritten by a start',
    async check(site) {
      const garbage = { ...recordOf(1, 'A'), tokens: 17 } as unknown as StoredSession;
      await within(site, 'a swap', (async () => site.open().swap(0, garbage))());
      const one = holderOn(site);
      checkSame(await read(site, one), undefined, 'what was read');
      checkSame(one.story, ['get tokens: not as expected'], 'what was reported');
      checkSame(await stored(site), garbage, 'the record');
    },
  },
  {
    title: 'a record of a newer schema is reported and not touched, not even by a sign-in',
    async check(site) {
      const newer = { ...recordOf(1, 'A'), schema: 2 } as unknown as StoredSession;
      await within(site, 'a swap', (async () => site.open().swap(0, newer))());
      const one = holderOn(site);
      checkSame(await read(site, one), undefined, 'what was read');
      const written = record(one.port.signIn('B', tokensOf(2)));
      await done(site, 'the sign-in', written);
      one.port.close();
      checkSame(written.settled?.kind, 'error', 'the sign-in');
      checkSame(await stored(site), newer, 'the record');
    },
  },
  {
    title: 'nobody is signed out by an outage, and afterwards one refresh runs',
    needs: ['outage'],
    async check(site) {
      const one = holderOn(site);
      await signIn(site, one);
      await site.outage?.begin();
      const turn = turnOf(one);
      const reading = record(one.port.read());
      await done(site, 'the end of the turn', turn);
      await done(site, 'the end of the read', reading);
      checkSame([kindOf(turn), reading.settled?.kind], ['error', 'error'], 'turn and read during the outage');
      await site.outage?.end();
      checkSame((await stored(site))?.owner, 'A', 'the owner');
      const next = turnOf(one);
      await granted(site, next);
      next.unsubscribe();
    },
  },
  {
    title: 'a holder that does nothing has no timer',
    needs: ['timers'],
    async check(site) {
      const before = site.timers?.();
      const holders = await Promise.all([1, 2, 3].map(() => reader(site)));
      for (const holder of holders.slice(0, 1)) await signIn(site, holder);
      const news = holders.map(({ port }) => record(port.news$ ?? NEVER));
      await site.pass(site.leaseMs);
      checkSame(site.timers?.(), before, 'the number of timers');
      for (const listening of news) listening.unsubscribe();
    },
  },
];
