/**
 * `npm run mutation`: mutates `src/session` and `src/http` with Stryker and writes the results into `docs/mutation.md`. The tests of the
 * same name come first; what they leave alive is tried again with those of the other folders. Takes about two hours on two cores that
 * do nothing else. With paths (`npm run mutation -- src/http/request-body.ts`), only these are mutated; that is printed and not written.
 *
 * It runs in a copy of the repository with another vitest: Stryker's runner does not find the tests of vitest 5 by their names.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aliveIn, markdown, type Report, withSecondTry } from './mutation/report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/mutation.md');
const [start, end] = ['<!-- mutation:start -->', '<!-- mutation:end -->'];

/**
 * The sources that are mutated, and the folder of tests that is tried first. `session-internals.ts` is used only by requests, so the tests
 * of requests cover it.
 */
const parts = [
  { tests: 'session', mutate: ['src/session/*.ts', '!src/session/session-internals.ts'] },
  { tests: 'http', mutate: ['src/http/*.ts', 'src/session/session-internals.ts'] },
];

/**
 * The folders whose tests use the sources in this process, those that notice most first. What survives one is tried with the next: to run
 * all of them for each mutant would take days. Each folder is tried alone, because its files share their modules, and some tests look at
 * globals that the files of other folders change.
 */
const folders = ['behaviour', 'session', 'http', 'fetch', 'operators', 'streams', 'devtools', 'testing', 'beside'];

const wanted = process.argv.slice(2);
const chosen = wanted.length
  ? parts.map(({ tests }) => ({ tests, mutate: wanted.filter((file) => file.startsWith(`src/${tests}/`)) }))
  : parts;

const copy = mkdtempSync(path.join(tmpdir(), 'sluice-mutation-'));
const run = (command: string, args: readonly string[], env: Record<string, string> = {}): void => {
  execFileSync(command, args, { cwd: copy, env: { ...process.env, ...env }, stdio: ['ignore', 2, 'inherit'] });
};
try {
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of tracked.toString().split('\0').filter(Boolean))
    cpSync(path.join(root, file), path.join(copy, file));
  run('npm', ['ci', '--no-audit', '--no-fund']);
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'scripts/mutation/package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const tools = Object.entries(devDependencies).map(([name, version]) => `${name}@${version}`);
  run('npm', ['install', '--no-save', '--legacy-peer-deps', '--no-audit', '--no-fund', ...tools]);

  const files: Record<string, Report['files'][string]> = {};
  for (const { tests, mutate } of chosen.filter(({ mutate }) => mutate.length > 0)) {
    let report = mutated(mutate, tests);
    for (const folder of folders.filter((one) => one !== tests)) {
      const alive = aliveIn(report);
      if (alive.length > 0) report = withSecondTry(report, mutated(alive, folder));
    }
    Object.assign(files, report.files);
  }
  const table = markdown({ files });
  process.stdout.write(`${table}\n`);
  if (!wanted.length) {
    const text = readFileSync(page, 'utf8');
    const [before, after] = [text.indexOf(start), text.indexOf(end)];
    if (before < 0 || after < before) throw new Error(`docs/mutation.md has no ${start} … ${end}`);
    const made = `Made by \`npm run mutation\` on ${new Date().toISOString().slice(0, 10)}.`;
    writeFileSync(page, `${text.slice(0, before)}${start}\n\n${made}\n\n${table}\n\n${text.slice(after)}`);
    execFileSync('prettier', ['--write', page]);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function mutated(mutate: readonly string[], tests: string): Report {
  const config = path.join(copy, 'stryker.config.json');
  writeFileSync(config, JSON.stringify(strykerConfig(mutate)));
  run('npx', ['stryker', 'run', config], { MUTATION_TESTS: tests });
  return JSON.parse(readFileSync(path.join(copy, 'mutation.json'), 'utf8')) as Report;
}

function strykerConfig(mutate: readonly string[]): object {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'scripts/mutation/vitest.config.ts' },
    // Ignore mutants in code that runs when its module is loaded: Stryker switches a mutant on later, so no test could find it.
    ignoreStatic: true,
    timeoutMS: 8000,
    dryRunTimeoutMinutes: 60,
    concurrency: Math.max(1, availableParallelism()),
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: 'mutation.json' },
    mutate,
  };
}
