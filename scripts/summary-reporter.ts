import { globSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Tests that cannot run on this machine. They are said aloud, and each file counts as one skipped test. */
export interface NotRun {
  readonly files: string;
  readonly reason: string;
}

/** Ends the run with one plain line that counts every test of every project. */
export class SummaryReporter implements Reporter {
  readonly #notRun: readonly NotRun[];

  constructor(notRun: readonly NotRun[] = []) {
    this.#notRun = notRun;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state]++;
      }
      count.failed += module.errors().length;
    }
    const notices = this.#notRun.map(({ files, reason }) => {
      const number = globSync(files).length;
      count.skipped += number;
      return `SKIPPED: ${number} test files, ${files}: ${reason}\n`;
    });
    // At the very end: coverage is printed after the last hook of a reporter.
    process.once('exit', () => {
      process.stdout.write(
        `\n${notices.join('')}${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
      );
    });
  }
}
