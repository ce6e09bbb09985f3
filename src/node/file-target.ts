import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { readProperty } from '../session/internal.ts';

/** How many symbolic links are followed at most. Linux has the same limit. */
const MAX_LINKS = 40;

/**
 * Returns the file that a path leads to through all symbolic links, also if that file does not exist yet. A file that was renamed to the
 * path itself would replace the link.
 *
 * @throws the system's error, among them `ELOOP` for links that lead in a circle
 */
export async function fileTarget(file: string, links: number = 0): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (readProperty(error, 'code') !== 'ENOENT') throw error;
    const link = await readlink(file).catch(() => null);
    if (link === null) return path.resolve(file);
    // `realpath` reports links that lead in a circle. This limit is for links that another process keeps replacing meanwhile.
    if (links === MAX_LINKS) throw error;
    return fileTarget(path.resolve(path.dirname(file), link), links + 1);
  }
}
