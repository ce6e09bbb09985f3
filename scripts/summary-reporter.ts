import { globSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** A project that cannot run on this machine. It is said aloud, and each of its files counts as one skipped test. */
export interface NotRun {
  readonly project: string;
  readonly files: string;
  readonly reason: string;
}

/** Ends the run with one plain line that counts every test of every project. */
export class SummaryReporter implements Reporter {
  readonly #notRun: readonly NotRun[];
  #wanted: readonly NotRun[] = [];

  constructor(notRun: readonly NotRun[]) {
    this.#notRun = notRun;
  }

  onInit(vitest: Vitest): void {
    this.#wanted = this.#notRun.filter(({ project }) => vitest.projects.some(({ name }) => name === project));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state]++;
      }
      // Count errors of files that do not load and of hooks as failures; otherwise the last line would say that nothing failed.
      for (const scope of [module, ...module.children.allSuites()]) count.failed += scope.errors().length;
    }
    const notices = this.#wanted.map(({ project, files, reason }) => {
      const number = globSync(files).length;
      count.skipped += number;
      return `SKIPPED: ${project} tests, ${number} files: ${reason}\n`;
    });
    // At the very end: coverage is printed after the last hook of a reporter.
    process.once('exit', (code) => {
      if (code !== 0) count.failed ||= 1;
      const total = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
      process.stdout.write(`\n${notices.join('')}${total}\n`);
    });
  }
}
