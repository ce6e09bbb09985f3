import type { TestContext } from 'vitest';
import type { ConsumerApp } from './consumer-app.ts';

/** What one test proves: a line of `docs/works-with.md`, or a part of one. */
export interface WorksWith {
  readonly section: 'Runtimes' | 'Compilers' | 'Test runners' | 'Bundlers' | 'Frameworks';
  /** With its major version: `Jest 29`. */
  readonly tool: string;
  /** What it was tried with: `ts-jest, jsdom`. */
  readonly how: string;
  /** The exact version that was installed; absent if none could be installed. */
  readonly version?: string;
}

declare module 'vitest' {
  interface TaskMeta {
    worksWith?: WorksWith;
    /** Why the test could not run here. */
    notRun?: string;
  }
}

/**
 * Says what the test proves if it passes.
 *
 * @param name - the package whose version counts
 */
export async function proves(
  task: TestContext['task'],
  app: ConsumerApp,
  name: string,
  claim: WorksWith,
): Promise<void> {
  task.meta.worksWith = { ...claim, version: await app.version(name) };
}

/** Skips the test aloud: neither the run nor the page is silent about it. */
export function cannotRun({ task, skip }: TestContext, claim: WorksWith, reason: string): never {
  console.warn(`SKIPPED: ${claim.tool}: ${reason}`);
  task.meta.worksWith = claim;
  task.meta.notRun = reason;
  return skip(reason);
}
