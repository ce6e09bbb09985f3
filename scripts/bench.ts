/**
 * `npm run bench`: builds Sluice, measures it beside its peers, and writes the results into `bench/results`, the README and
 * docs/stores.md. Its arguments are those of `bench/run.ts`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../bench', import.meta.url));
const wanted = process.argv.slice(2);

if (!existsSync(`${folder}/node_modules/sluice`)) {
  // Install no peer dependencies of the contenders: they find them in the repository's own node_modules.
  const flags = ['--legacy-peer-deps', '--no-audit', '--no-fund'];
  execFileSync('npm', ['ci', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
execFileSync('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
// Make the young generation large enough for a whole measurement: a collection would free a part of the memory that is counted.
const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', '--max-old-space-size=6000'];
const printed = execFileSync(process.execPath, [...flags, 'run.ts', ...wanted], {
  cwd: folder,
  encoding: 'utf8',
  // Measure in production mode: in development, a client records the stack of each subscription, which takes time.
  env: { ...process.env, NODE_ENV: 'production' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.stdout.write(printed);

if (!wanted.includes('--small')) {
  const stores = `${folder}/results/stores.md`;
  if (existsSync(stores)) replaceMarked('docs/stores.md', readFileSync(stores, 'utf8').trimEnd());
  replaceMarked('README.md', `${printed}\n![The same as bars](bench/results/results.svg)`);
}

/** Replaces the text between the marks of a document. */
function replaceMarked(document: string, text: string): void {
  const [start, end] = ['<!-- bench:start -->', '<!-- bench:end -->'];
  const before = readFileSync(`${root}/${document}`, 'utf8');
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no ${start} … ${end}`);
  writeFileSync(`${root}/${document}`, `${before.slice(0, from + start.length)}\n\n${text}\n\n${before.slice(to)}`);
}
