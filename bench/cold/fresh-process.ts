/**
 * The script of a fresh process: measures one contender from the import of its module to the last of its requests, which follow
 * each other, and prints what it measured as JSON. Arguments: the URL of the module, then the numbers of requests to measure at.
 * This file must import nothing but types, so that the contender's import finds no module loaded.
 */
import type { Contender } from '../contender.ts';
import type { stage } from '../stage.ts';

/** What the module of a contender exports. */
export interface ContenderModule {
  readonly contender: Contender;
  readonly stage: typeof stage;
}

/** What one fresh process measured. Times are in milliseconds. */
export interface ColdRun {
  /** Wall time from before the import to the first call of the adapter. */
  readonly start: number;
  /** Main-thread CPU time from before the first request to the response to the nth one, by n. */
  readonly requests: Readonly<Record<string, number>>;
  /** Main-thread CPU time from before the import to the response to the nth request, by n. */
  readonly whole: Readonly<Record<string, number>>;
  /** The number of requests whose response was not a 200. */
  readonly failed: number;
  readonly refreshes: number;
  readonly mode: string | undefined;
  /** The flags of Node that the process was started with. */
  readonly flags: readonly string[];
}

/**
 * Linux brings the CPU time of a thread up to date only every few milliseconds, unless that of the process is read before; then it
 * is exact to microseconds. The time of the process alone would count the threads of the compiler and of the collector, too.
 */
function mainThreadMs(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const [module = '', ...marks] = process.argv.slice(2);
let start = NaN;
// Both clocks are read once before, because the first call of each takes longer.
performance.now();
mainThreadMs();

const cpuBefore = mainThreadMs();
const before = performance.now();
const { contender, stage: open } = (await import(module)) as ContenderModule;
const { client, world, stop } = open(contender, {
  pace: (deliver) => {
    if (Number.isNaN(start)) start = performance.now() - before;
    queueMicrotask(deliver);
  },
});

const last = Math.max(...marks.map(Number));
const requests: Record<string, number> = {};
const whole: Record<string, number> = {};
let failed = 0;
const cpuAtFirst = mainThreadMs();
for (let n = 1; n <= last; n++) {
  await new Promise<void>((resolve) => {
    client.get(`/x/${n}`, resolve, () => {
      failed += 1;
      resolve();
    });
  });
  if (!marks.includes(String(n))) continue;
  const now = mainThreadMs();
  requests[n] = now - cpuAtFirst;
  whole[n] = now - cpuBefore;
}
stop();

const { refreshes } = world.seen;
const run: ColdRun = {
  start,
  requests,
  whole,
  failed,
  refreshes,
  mode: process.env['NODE_ENV'],
  flags: process.execArgv,
};
process.stdout.write(JSON.stringify(run));
