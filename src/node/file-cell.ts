import type { Cell, StoredSession } from '../session/index.ts';
import { fileTarget } from './file-target.ts';
import { prepareFile, removeLeftBehind } from './prepared-file.ts';
import { publishFile } from './publish-file.ts';
import { readJson } from './read-json.ts';
import { watchFile } from './watch-file.ts';

/** Returns a cell (the storage of a shared store) that keeps its record in a file, as JSON. */
export function fileCell(file: string): Required<Omit<Cell<StoredSession>, 'lock'>> {
  let isTidied = false;
  let isFound = false;
  const read = async (): Promise<StoredSession | null> => {
    const found = await readJson(file, isFound);
    isFound = found !== null;
    // The cast is safe: the shared store checks each record that it reads.
    return found as StoredSession | null;
  };
  const swap = async (expected: number, next: StoredSession): Promise<boolean> => {
    const target = await fileTarget(file);
    const current = await countersOf(target);
    // Check the version before a file is prepared: if another process has replaced the record already, that work would be in vain.
    if (current.version !== expected) return false;
    const prepared = await prepareFile(target, `${JSON.stringify(next)}\n`);
    if (!isTidied) await removeLeftBehind(target, prepared);
    isTidied = true;
    return publishFile(target, prepared, {
      isWanted: async () => (await countersOf(target)).version === expected,
      // If a power failure brings the record back as it was before a change of the lease only, its tokens are still the right ones.
      mustLast: current.generation !== next.generation,
    });
  };
  return { read, swap, news$: watchFile(file) };
}

/**
 * Returns the version of the record and the generation of its tokens. They are `0` if there is no file, or if it is not a record: a sign-in
 * may replace such a file.
 */
async function countersOf(target: string): Promise<{ readonly version: number; readonly generation: number }> {
  const record = await readJson(target).catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  const { version, generation } = Object(record) as Partial<Record<string, unknown>>;
  return { version: numberOr0(version), generation: numberOr0(generation) };
}

const numberOr0 = (value: unknown): number => (typeof value === 'number' ? value : 0);
