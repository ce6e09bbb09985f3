import type { StoredSession } from 'sluice/session';
import { tokensOf } from './fixture.ts';
import type { SessionCell } from './shared-fixture.ts';

/** A record that passes every check: the tokens 1 of the owner A. */
export const good: StoredSession = {
  schema: 1,
  version: 7,
  owner: 'A',
  generation: 3,
  tokens: JSON.stringify(tokensOf(1)),
  by: 'x.1',
};

/** A cell that returns a value of any type and records what is written over it. */
export function cellWith(value: unknown): { cell: SessionCell; readonly written: StoredSession[] } {
  const written: StoredSession[] = [];
  return {
    written,
    cell: {
      read: () => value as StoredSession,
      swap: (_expected, next) => {
        written.push(next);
        return true;
      },
    },
  };
}
