import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';

/**
 * The delay before a second read, in milliseconds. A program that rewrites the file in place leaves only a part of it for a moment, and an
 * editor that keeps the old file as a backup leaves none.
 */
const REREAD_AFTER_MS = 50;

/**
 * Returns the parsed content of a file; `null` if there is no file. If the content is not JSON, or there is no file although it is expected,
 * reads once more.
 *
 * @throws SyntaxError if the file is not JSON, or the system's error
 */
export async function readJson(file: string, isExpected = false): Promise<unknown> {
  try {
    const found = await parsed(file);
    if (found !== null || !isExpected) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  await pause(REREAD_AFTER_MS);
  return parsed(file);
}

async function parsed(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (readProperty(error, 'code') === 'ENOENT') return null;
    throw error;
  }
  return JSON.parse(text);
}
