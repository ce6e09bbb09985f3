import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';

/** A program that rewrites the file in place leaves a part of it there for a moment. */
const REREAD_AFTER_MS = 50;

/**
 * What a file holds, `null` if there is none. A file that is not JSON is read once more.
 *
 * @throws SyntaxError if the file is not JSON, or the system's error
 */
export async function readJson(file: string): Promise<unknown> {
  try {
    return await parsed(file);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await pause(REREAD_AFTER_MS);
    return parsed(file);
  }
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
