import type { Cell, StoredSession } from '../session/index.ts';
import { readProperty } from '../session/internal.ts';
import { fileTarget } from './file-target.ts';
import { prepareFile, removeLeftBehind } from './prepared-file.ts';
import { publishFile } from './publish-file.ts';
import { readJson } from './read-json.ts';
import { watchFile } from './watch-file.ts';

/** Returns a cell (the storage of a shared store) that keeps its record in a file, as JSON. */
export function fileCell(file: string): Required<Omit<Cell<StoredSession>, 'lock'>> {
  let isTidied = false;
  const swap = async (expected: number, next: StoredSession): Promise<boolean> => {
    const target = await fileTarget(file);
    const isExpected = async (): Promise<boolean> => (await versionOf(target)) === expected;
    // Check the version before a file is prepared: if another process has replaced the record already, that work would be in vain.
    if (!(await isExpected())) return false;
    const prepared = await prepareFile(target, `${JSON.stringify(next)}\n`);
    if (!isTidied) await removeLeftBehind(target, prepared);
    isTidied = true;
    return publishFile(target, prepared, isExpected);
  };
  return {
    // The cast is safe: the shared store checks each record that it reads.
    read: async () => (await readJson(await fileTarget(file))) as StoredSession | null,
    swap,
    news$: watchFile(file),
  };
}

/** Returns the version of the record. `0` if there is no file, or if it is not a record: a sign-in may replace such a file. */
async function versionOf(target: string): Promise<number> {
  try {
    const version = readProperty(await readJson(target), 'version');
    return typeof version === 'number' ? version : 0;
  } catch (error) {
    if (error instanceof SyntaxError) return 0;
    throw error;
  }
}
