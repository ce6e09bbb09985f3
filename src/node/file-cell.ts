import type { Cell, StoredSession } from '../session/index.ts';
import { readProperty } from '../session/internal.ts';
import { fileTarget } from './file-target.ts';
import { prepareFile, removeLeftBehind } from './prepared-file.ts';
import { publishFile } from './publish-file.ts';
import { readJson } from './read-json.ts';
import { watchFile } from './watch-file.ts';

/** A file of one record, as JSON. */
export function fileCell(file: string): Required<Omit<Cell<StoredSession>, 'lock'>> {
  let isTidied = false;
  const swap = async (expected: number, next: StoredSession): Promise<boolean> => {
    const target = await fileTarget(file);
    const isExpected = async (): Promise<boolean> => (await versionOf(target)) === expected;
    // Prepares nothing in vain while others are quicker.
    if (!(await isExpected())) return false;
    const prepared = await prepareFile(target, `${JSON.stringify(next)}\n`);
    if (!isTidied) await removeLeftBehind(target, prepared);
    isTidied = true;
    return publishFile(target, prepared, isExpected);
  };
  return {
    // Checked by the shared store, as what comes from any cell is.
    read: async () => (await readJson(await fileTarget(file))) as StoredSession | null,
    swap,
    news$: watchFile(file),
  };
}

/** `0` for no file, for a record without a version, and for what is no record: a sign-in may replace that. */
async function versionOf(target: string): Promise<number> {
  try {
    const version = readProperty(await readJson(target), 'version');
    return typeof version === 'number' ? version : 0;
  } catch (error) {
    if (error instanceof SyntaxError) return 0;
    throw error;
  }
}
