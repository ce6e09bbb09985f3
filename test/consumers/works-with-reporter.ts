import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { differences, page, readPage, type Row, rowsOf } from './works-with-page.ts';
import './works-with.ts';

const file = 'docs/works-with.md';
const updates = Boolean(process.env['UPDATE_WORKS_WITH']);

/** Writes `docs/works-with.md` if `UPDATE_WORKS_WITH` is set, else fails the run if the page says something else than the tests. */
export class WorksWithReporter implements Reporter {
  /** Writes the page after each file of tests, so that a run that is stopped loses nothing of what it has found. */
  async onTestModuleEnd(module: TestModule): Promise<void> {
    const found = rowsOfModule(module);
    if (updates) await write([...written().filter(({ tool }) => !has(found, tool)), ...found]);
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const found = modules.flatMap(rowsOfModule);
    const isWhole =
      modules.length === globSync('test/consumers/*.test.ts').length &&
      modules.every((module) => [...module.children.allTests()].every(isDone));
    if (updates) {
      if (isWhole) await write(written().filter(({ tool }) => has(found, tool)));
      process.stdout.write(`\n${file} is written.\n`);
      return;
    }
    const different = differences(found, written(), isWhole);
    if (different.length === 0) return;
    process.exitCode = 1;
    process.stdout.write(`\n${file} says something else; UPDATE_WORKS_WITH=1 writes it.\n${different.join('\n')}\n`);
  }
}

/** The tools all of whose tests have passed, or could not run here. A test that says nothing may be of any tool. */
function rowsOfModule(module: TestModule): Row[] {
  const tests = [...module.children.allTests()];
  if (tests.some((test) => !isDone(test) && !test.meta().worksWith)) return [];
  const failed = tests.flatMap((test) => (isDone(test) ? [] : test.meta().worksWith?.tool));
  const findings = tests.flatMap((test) => {
    const { worksWith: claim, notRun } = test.meta();
    return claim && !failed.includes(claim.tool) ? [{ claim, ...(notRun !== undefined && { notRun }) }] : [];
  });
  return rowsOf(findings, new Date().toISOString().slice(0, 10));
}

function isDone(test: TestCase): boolean {
  return test.result().state === 'passed' || test.meta().notRun !== undefined;
}

function written(): Row[] {
  return existsSync(file) ? readPage(readFileSync(file, 'utf8')) : [];
}

async function write(rows: readonly Row[]): Promise<void> {
  writeFileSync(file, await format(page(rows), { ...(await resolveConfig(file)), filepath: file }));
}

function has(rows: readonly Row[], tool: string): boolean {
  return rows.some((row) => row.tool === tool);
}
