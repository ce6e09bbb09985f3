// The laws as tests of `node:test`: started by `cell-laws.test.ts`, with a cell that keeps them and one that breaks some.
import { it } from 'node:test';
import { memoryCell, type Cell, type StoredSession } from 'sluice/session';
import { cellLaws } from 'sluice/testing';

const cells = new Map<string, Cell<StoredSession>>();
function open(key: string): Cell<StoredSession> {
  const cell = cells.get(key) ?? memoryCell<StoredSession>();
  cells.set(key, cell);
  return cell;
}

for (const { title, check } of cellLaws(open, { leaseMs: 100 })) void it(`good: ${title}`, check);

const credulous = (key: string): Cell<StoredSession> => ({ ...open(key), swap: () => true });
for (const { title, check } of cellLaws(credulous, { leaseMs: 100 }).slice(0, 5)) void it(`bad: ${title}`, check);
