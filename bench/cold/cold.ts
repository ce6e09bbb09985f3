import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { bareObservable } from '../contenders/bare-observable.ts';
import { rawAxios } from '../contenders/raw-axios.ts';
import { figure, type Figure } from '../measure.ts';
import { shuffled } from '../random.ts';
import { buildColdModules, coldContenders, type ColdModules } from './contender-modules.ts';
import type { ColdRun } from './fresh-process.ts';

const run = promisify(execFile);

/** The numbers of requests after which a fresh process reads its clock. */
export const coldMarks: readonly number[] = [1, 10, 100, 300, 1000];

/**
 * One figure, and its ratios to raw axios and to the bare Observable, the two contenders that do the least. Both values of a ratio are from
 * the same round.
 */
export interface ColdFigure {
  readonly milliseconds: Figure;
  readonly toRaw: Figure;
  readonly toBare: Figure;
}

export interface ColdRow {
  readonly name: string;
  /** Wall time from before the import to the first call of the adapter. */
  readonly start: ColdFigure;
  /** Main-thread CPU time from before the first request to the response to the nth one, by n. */
  readonly requests: Readonly<Record<string, ColdFigure>>;
  /**
   * Main-thread CPU time from before the import, which includes the import and making the client, to the response to the nth request, by n.
   */
  readonly whole: Readonly<Record<string, ColdFigure>>;
  readonly faults: readonly string[];
}

/** Runs each contender in `repeats` fresh processes, one process at a time. */
export async function cold(repeats: number): Promise<ColdRow[]> {
  const modules = await buildColdModules();
  try {
    return rowsOf(await runs(modules, repeats));
  } finally {
    await rm(modules.folder, { recursive: true });
  }
}

/**
 * Runs the contenders round by round. Each round has another order, so that none gains by its place; the orders are the same in every
 * benchmark.
 */
async function runs({ script, urls }: ColdModules, repeats: number): Promise<Map<string, ColdRun[]>> {
  const results = new Map<string, ColdRun[]>([...urls.keys()].map((name) => [name, []]));
  const start = async (url: string): Promise<ColdRun> => {
    // Do not inherit the environment: NODE_OPTIONS and NODE_COMPILE_CACHE would change what is measured.
    const { stdout } = await run(process.execPath, [script, url, ...coldMarks.map(String)], {
      env: { NODE_ENV: 'production' },
    });
    return JSON.parse(stdout) as ColdRun;
  };
  // Run each contender once without counting it: the first process after a build also waits for the disk.
  if (repeats > 1) for (const url of urls.values()) await start(url);
  for (let round = 0; round < repeats; round++)
    for (const [name, url] of shuffled([...urls], round)) results.get(name)?.push(await start(url));
  return results;
}

function rowsOf(results: ReadonlyMap<string, readonly ColdRun[]>): ColdRow[] {
  const raw = results.get(rawAxios.name) ?? [];
  const bare = results.get(bareObservable.name) ?? [];
  return [...coldContenders.keys()].map((name) => {
    const own = results.get(name) ?? [];
    const compared = (of: (run: ColdRun) => number | undefined): ColdFigure => {
      const values = own.map((one) => of(one) ?? NaN);
      const to = (floor: readonly ColdRun[]): Figure =>
        figure(values.map((value, i) => value / ((floor[i] && of(floor[i])) ?? NaN)));
      return { milliseconds: figure(values), toRaw: to(raw), toBare: to(bare) };
    };
    const byMark = (of: (run: ColdRun) => ColdRun['requests']): Record<string, ColdFigure> =>
      Object.fromEntries(coldMarks.map((n) => [n, compared((one) => of(one)[n])]));
    return {
      name,
      start: compared((one) => one.start),
      requests: byMark((one) => one.requests),
      whole: byMark((one) => one.whole),
      faults: [...new Set(own.flatMap(faultsOf))],
    };
  });
}

/** Describes in words what went wrong; an empty list means that nothing did. */
function faultsOf({ failed, refreshes, mode, flags }: ColdRun): string[] {
  return [
    ...(failed ? [`${failed} failed`] : []),
    ...(refreshes ? ['refreshed'] : []),
    ...(mode === 'production' ? [] : ['not in production mode']),
    ...(flags.length === 0 ? [] : [`run with ${flags.join(' ')}`]),
  ];
}
