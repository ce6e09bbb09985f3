// The laws as tests of `node:test`: started by `cell-laws.test.ts`, with a cell that keeps them and one that breaks some.
import { it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { memoryCell, type Cell, type StoredSession } from 'sluice/session';
import { cellLaws } from 'sluice/testing';

const cells = new Map<string, Cell<StoredSession>>();
function open(key: string): Cell<StoredSession> {
  const cell = cells.get(key) ?? memoryCell<StoredSession>();
  cells.set(key, cell);
  return cell;
}

mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
/** Lets time pass on the clock of `node:test`, so that the laws do not depend on the speed of the machine. */
const pass = async (ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 1) {
    mock.timers.tick(1);
    await turn();
  }
};
const options = { leaseMs: 100, pass };

for (const { title, check } of cellLaws(open, options)) void it(`good: ${title}`, check);

const credulous = (key: string): Cell<StoredSession> => ({ ...open(key), swap: () => true });
for (const { title, check } of cellLaws(credulous, options).slice(0, 5)) void it(`bad: ${title}`, check);
