/**
 * Runs the benchmark and prints its report. `--only warm`, `cold`, `stores` or `streams` runs one part and keeps the results of the others;
 * `--small` only counts, with few requests and times that mean nothing, and is written only where `--out <folder>` says.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cold } from './cold/cold.ts';
import { plot } from './plot.ts';
import { report, storesReport } from './report.ts';
import { noResults, parseResults, type Measured } from './results.ts';
import { measureStores } from './stores/stores.ts';
import { streams } from './streams/streams.ts';
import { warm } from './warm.ts';
import { weights } from './weight.ts';

const { small, only, ...given } = parseArgs({
  options: { small: { type: 'boolean', default: false }, only: { type: 'string' }, out: { type: 'string' } },
}).values;
if (only !== undefined && !['warm', 'cold', 'weights', 'stores', 'streams'].includes(only))
  throw new Error(`--only takes warm, cold, weights, stores or streams, not ${only}`);
const runs = (part: string): boolean => only === undefined || only === part;
const out = given.out ?? (small ? undefined : fileURLToPath(new URL('results', import.meta.url)));
const file = out === undefined ? undefined : path.join(out, 'results.json');

const say = (text: string): void => void process.stderr.write(`${text}\n`);
// Silence the errors that contenders cause in the scenarios: they would hide the output.
console.warn = () => undefined;
process.on('unhandledRejection', () => undefined);

const load = loadavg()[0] ?? 0;
if (!small && load > 0.5)
  say(`The load of this machine is ${load.toFixed(1)}: figures made under load are worth nothing.`);

const measured = (): Measured => ({
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`,
  small,
});
const kept = file !== undefined && existsSync(file) ? parseResults(await readFile(file, 'utf8')) : noResults;
let results = kept;
// Cold first: a machine is quieter, and cooler, before the warm half has run for minutes.
if (runs('cold')) {
  say('cold: fresh processes');
  const processes = small ? 1 : 15;
  results = { ...results, cold: { ...measured(), processes, rows: await cold(processes) } };
}
if (runs('weights')) {
  say('weights');
  results = { ...results, weights: { ...measured(), rows: await weights(small ? 1 : 7) } };
}
if (runs('stores')) {
  say('stores');
  results = { ...results, stores: { ...measured(), ...(await measureStores(small ? 3 : 300)) } };
}
if (runs('streams')) results = { ...results, streams: { ...measured(), load, rows: await streams(small, say) } };
if (runs('warm')) results = { ...results, ...measured(), ...(await warm(small, say)) };

if (out !== undefined && file !== undefined) {
  await mkdir(out, { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  if (runs('stores') && results.stores)
    await writeFile(path.join(out, 'stores.md'), `${storesReport(results.stores)}\n`);
  if (!small && runs('warm')) await writeFile(path.join(out, 'results.svg'), plot(results));
}
process.stdout.write(`${report(results)}\n`);
// Some contenders leave timers behind, which would keep this process alive.
process.exit(0);
