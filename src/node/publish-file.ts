import { open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';
import { patiently } from './patiently.ts';
import { discard, type PreparedFile } from './prepared-file.ts';

/** A holder needs the lock for a few milliseconds. One that has kept it for so long was killed or stopped. */
const STALE_MS = 1_000;
const PATIENCE_MS = 10_000;

/**
 * Replaces `target` by a prepared file if `isWanted` then says so, while no other process that follows the same protocol does.
 *
 * The lock is the directory `target.lock`, and what it holds is the prepared file of its holder. A directory can be renamed to the name of
 * an empty one and not of a full one, so the lock has one holder. The holder renames the file to `target`, which publishes it and empties
 * the lock in one step: a process that is killed leaves the old file or the new one. Whoever takes the lock from a holder that stands
 * still removes that holder's file, so that a stopped process which goes on has nothing left to publish.
 */
export async function publishFile(
  target: string,
  prepared: PreparedFile,
  isWanted: () => Promise<boolean>,
): Promise<boolean> {
  const lock = `${target}.lock`;
  try {
    await acquire(lock, prepared);
  } catch (error) {
    await discard(prepared);
    throw error;
  }
  try {
    const isPublished = await isWanted();
    if (isPublished) {
      // `ENOENT`: another process has taken the lock for a dead one's. Thrown, because on a network it may also follow a success.
      await patiently(() => rename(path.join(lock, prepared.name), target));
      await syncDirectory(path.dirname(target));
    }
    return isPublished;
  } finally {
    await discard({ directory: lock, name: prepared.name });
  }
}

/** Waits until the lock is empty, or has been held by the same process for too long. */
async function acquire(lock: string, prepared: PreparedFile): Promise<void> {
  const start = performance.now();
  let holder: string | undefined;
  let heldSince = start;
  while (!(await isRenamed(prepared.directory, lock))) {
    const now = performance.now();
    const [found] = await readdir(lock).catch(ignoreMissing);
    if (found !== holder) {
      holder = found;
      heldSince = now;
    }
    // Windows does not replace an empty directory by renaming. A full one is not removed by this.
    if (found === undefined) await rmdir(lock).catch(() => undefined);
    else if (now - heldSince > STALE_MS) await unlink(path.join(lock, found)).catch(ignoreMissing);
    if (now - start > PATIENCE_MS) throw new Error('Other processes have kept the lock of the file for too long.');
    await pause(2 + 6 * Math.random());
  }
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // The last three are what Windows answers for a directory that exists, or one that a scanner looks into.
    if (['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES', 'EBUSY'].includes(String(readProperty(error, 'code')))) return false;
    throw error;
  }
}

/** Else a power failure could bring the old file back, whose refresh token has been spent. Not everywhere is this possible. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}

function ignoreMissing(error: unknown): readonly string[] {
  if (readProperty(error, 'code') === 'ENOENT') return [];
  throw error;
}
