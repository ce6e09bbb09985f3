import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { readProperty } from '../session/internal.ts';

/** As many links as Linux follows. */
const MAX_LINKS = 40;

/**
 * The file that a path leads to, through all symbolic links, also where that file does not exist yet. What is renamed to the path itself
 * would replace a link by a file of this process's own.
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
    // `realpath` tells of a circle before this is reached; this bounds links that are replaced meanwhile.
    if (links === MAX_LINKS) throw error;
    return fileTarget(path.resolve(path.dirname(file), link), links + 1);
  }
}
