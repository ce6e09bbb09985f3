import type { TaskMeta } from 'vitest';

/** A case of the standard of server-sent events, which one or more tests show. */
export interface StandardCase {
  readonly group: 'parsing' | 'connection';
  readonly id: string;
}

declare module 'vitest' {
  interface TaskMeta {
    standardCase?: StandardCase;
  }
}

/** The options of a test, or of a suite, that shows a case. */
export function shows(group: StandardCase['group'], id: string): { meta: Pick<TaskMeta, 'standardCase'> } {
  return { meta: { standardCase: { group, id } } };
}
