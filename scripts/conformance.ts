/**
 * Runs the scenarios of `test/conformance/` against Sluice and the libraries that it is compared with, prints the matrix and writes
 * `docs/conformance.md`. With ids (`npm run conformance -- 2 17a`) only these are run and printed, and nothing is written.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { attempt, type Library, type Result, scenarioFiles, scenarios, sluice } from '../test/conformance/index.ts';
import { markdown, matrix, type Run } from '../test/conformance/report.ts';

const folder = new URL('../test/conformance/', import.meta.url);
if (!existsSync(new URL('node_modules', folder))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
}
execFileSync('tsc', ['-p', 'peers'], { cwd: folder, stdio: 'inherit' });
// Import the drivers of other libraries by a computed name, so that the compiler does not check them here: the lines above install those
// libraries, and check the drivers.
const peersFile = new URL('peers/index.ts', folder).href;
const { peers } = (await import(peersFile)) as { peers: readonly Library[] };

let unhandled = 0;
for (const kind of ['uncaughtException', 'unhandledRejection'] as const) process.on(kind, () => (unhandled += 1));

const wanted = process.argv.slice(2);
const chosen = scenarios.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
const runs: Run[] = [];
for (const library of [...sluice, ...peers]) {
  process.stderr.write(`${library.name} ${library.version} `);
  const results = new Map<string, Result>();
  unhandled = 0;
  for (const scenario of chosen) {
    const result = await attempt(scenario, library);
    results.set(scenario.id, result);
    process.stderr.write({ pass: '.', fail: 'F', hangs: 'H', 'not applicable': '-' }[result.kind]);
  }
  process.stderr.write('\n');
  runs.push({ library, results, unhandled });
}

process.stdout.write(`${matrix(Object.values(scenarioFiles), runs)}\n`);
if (wanted.length === 0) {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(new URL('../docs/conformance.md', import.meta.url), markdown(scenarioFiles, runs, date));
} else {
  for (const { library, results } of runs)
    for (const [id, result] of results)
      if (result.kind !== 'pass') process.stdout.write(`${library.name}, ${id}: ${result.why}\n`);
}
// A library that is still trying would keep the process alive.
process.exit(runs.slice(0, sluice.length).some(({ results }) => hasFailed(results)) ? 1 : 0);

function hasFailed(results: ReadonlyMap<string, Result>): boolean {
  return [...results.values()].some(({ kind }) => kind === 'fail' || kind === 'hangs');
}
