import type { Reporter, TestModule } from 'vitest/node';
import type { StandardCase } from './standard-case.ts';

/** A case, and how one test of it has ended. */
export interface CaseResult extends StandardCase {
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
}

/** Ends the run with one line that counts the cases of server-sent events, if the run has some. */
export class CasesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test): CaseResult[] => {
        const { standardCase } = test.meta();
        return standardCase ? [{ ...standardCase, state: test.result().state }] : [];
      }),
    );
    if (results.length === 0) return;
    // Coverage is printed after the last hook of a reporter.
    process.once('exit', () => process.stdout.write(`\n${lineOf(results)}\n`));
  }
}

/** Counts a case as passed if all of its tests have passed. Names each case that has a failed test. */
export function lineOf(results: readonly CaseResult[]): string {
  const groups = [...new Set(results.map(({ group }) => group))].toSorted().toReversed();
  const counts = groups.map((group) => {
    const ids = idsOf(results.filter((result) => result.group === group));
    const missed = idsOf(results.filter((result) => result.group === group && result.state !== 'passed'));
    return `${group} ${ids.length - missed.length} of ${ids.length}`;
  });
  const failures = groups.flatMap((group) =>
    idsOf(results.filter((result) => result.group === group && result.state === 'failed')).map(
      (id) => `${group} ${id}`,
    ),
  );
  return `server-sent events: ${counts.join(', ')}, failures: ${failures.join(', ') || 'none'}`;
}

function idsOf(results: readonly CaseResult[]): string[] {
  return [...new Set(results.map(({ id }) => id))];
}
