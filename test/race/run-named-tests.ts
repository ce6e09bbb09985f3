import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Mutant } from './mutant.ts';
import type { Workshop } from './mutate.ts';

/** The outcomes of the tests that a mutant names, with their titles. */
export type Outcomes = readonly { readonly title: string; readonly status: string }[];

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Runs for each mutant the test file that it names, with the mutant in place of the sources: all in one run of
 * vitest, each in its own project. `without` gives the outcomes of the same tests with the sources unchanged.
 */
export async function runNamedTests(
  shop: Workshop,
  mutants: readonly Mutant[],
): Promise<{ outcomesOf(mutant: Mutant): Outcomes; without(mutant: Mutant): Outcomes }> {
  const files = new Map(mutants.map((mutant) => [mutant, `test/${mutant.test?.file ?? ''}`]));
  const asItIs = shop.makeTested();
  const dirs = new Map(mutants.map((mutant) => [mutant, shop.makeTested(mutant)]));
  const projects = [
    project(asItIs, [...new Set(files.values())]),
    ...mutants.map((mutant) => project(dirs.get(mutant)!, [files.get(mutant)!])),
  ];
  writeFileSync(
    path.join(shop.root, 'vitest.config.mjs'),
    `export default { test: { projects: ${JSON.stringify(projects)} } };`,
  );
  const report = path.join(shop.root, 'report.json');
  const vitest = spawn(
    process.execPath,
    [path.resolve('node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', `--outputFile=${report}`],
    // By these variables vitest recognises its own workers.
    { cwd: shop.root, stdio: 'ignore', env: { ...process.env, VITEST: undefined, VITEST_WORKER_ID: undefined } },
  );
  await once(vitest, 'exit');
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const outcomes = (dir: string, mutant: Mutant): Outcomes =>
    testResults
      .filter(({ name }) => path.relative(dir, name) === files.get(mutant))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ fullName }) => fullName.includes(mutant.test?.title ?? ''))
      .map(({ fullName, status }) => ({ title: fullName, status }));
  return {
    outcomesOf: (mutant) => outcomes(dirs.get(mutant)!, mutant),
    without: (mutant) => outcomes(asItIs, mutant),
  };
}

function project(root: string, include: readonly string[]): object {
  const conditions = ['sluice-source', 'module', 'node', 'development|production'];
  return {
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { name: path.basename(root), include },
  };
}
