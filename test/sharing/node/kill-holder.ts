import { expect } from 'vitest';
import type { StoredSession, TokenSet } from 'sluice/session';
import { pause } from '../../support/real-time.ts';
import type { EightOptions, EightProcesses } from './eight-processes.ts';
import { type EngineName, openCell } from './engines.ts';

/** A third of the kills falls before the holder sends its request. */
const SEND_AFTER_MS = 50;
const KILL_WITHIN_MS = 150;

/** How the processes are started. The lease is long enough for a process that a busy machine keeps waiting. */
export const KILLS: EightOptions = { leaseMs: 3_000, sendAfterMs: SEND_AFTER_MS };

export interface Kill {
  /** Whether the refresh token in the store has been spent: the server rotated it, and its holder was killed before it could write. */
  readonly isWindow: boolean;
  /** What the requests of the processes that were not killed ended with. */
  readonly answers: readonly unknown[];
}

const generationOf = (token = ''): number => Number(/^access(\d+)-/.exec(token)?.[1]);

async function isSpent(name: EngineName, { server, site }: EightProcesses): Promise<boolean> {
  const { cell, close } = await openCell(name, site);
  const record = (await cell.read()) as StoredSession;
  close();
  const { accessToken } = JSON.parse(record.tokens ?? '{}') as TokenSet;
  return generationOf(accessToken) < (server.refreshes.at(-1)?.issued ?? 0);
}

/** Kills the process that refreshes next, a random time after it has got the turn, and tells whether that has left a spent token. */
async function killHolder(name: EngineName, eight: EightProcesses): Promise<boolean> {
  const holder = await Promise.race(
    eight.processes.map(async (process) => {
      await process.nextRefresh();
      return process;
    }),
  );
  await pause(Math.random() * KILL_WITHIN_MS);
  await holder.end();
  // A server whose client has gone may still rotate.
  await pause(100);
  const isWindow = await isSpent(name, eight);
  await eight.respawn(holder);
  return isWindow;
}

/** Expires the tokens of all processes, lets all send a request, and kills the one that refreshes. */
export async function playKill(name: EngineName, eight: EightProcesses): Promise<Kill> {
  const killing = killHolder(name, eight);
  const all = await Promise.all(eight.expireAndRequest());
  const isWindow = await killing;
  const answers = all.filter((answer) => answer !== 'dead');
  expect(answers.length).toBeGreaterThanOrEqual(7);
  return { isWindow, answers };
}
