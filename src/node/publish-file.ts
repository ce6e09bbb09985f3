import { open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';
import { patiently } from './patiently.ts';
import { discard, type PreparedFile } from './prepared-file.ts';

/** A process needs the lock for a few milliseconds. If it has held the lock for this time, in milliseconds, it was killed or stopped. */
const STALE_MS = 1_000;
const PATIENCE_MS = 10_000;

/** When a prepared file is published, and how. */
export interface Publication {
  /** Is called while the lock is held. If it returns false, the prepared file is discarded and the target stays as it is. */
  readonly isWanted: () => Promise<boolean>;
  /** Whether to sync the directory, so that a power failure cannot bring the old file back. That takes as long as writing the file. */
  readonly mustLast: boolean;
}

/**
 * Takes a lock, and then replaces `target` by the prepared file if `isWanted` returns true. Returns whether it did.
 *
 * The lock is the directory `target.lock`, and it contains the prepared file of the process that holds it. A process takes the lock by
 * renaming its own directory to that name. This fails if a directory of that name exists and is not empty, so only one process holds the
 * lock. That process then renames its file to `target`, which publishes the file and empties the lock in one step: a process that is
 * killed leaves the old file or the new one. A process that takes over the lock of a stopped process first removes the file in it, so
 * that the stopped process, if it goes on, has no file left to publish.
 */
export async function publishFile(
  target: string,
  prepared: PreparedFile,
  { isWanted, mustLast }: Publication,
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
      // `ENOENT` means that another process has taken over this lock. Throw it instead of returning false, because a network file system
      // may also report it after the rename has succeeded.
      await patiently(() => rename(path.join(lock, prepared.name), target));
      if (mustLast) await syncDirectory(path.dirname(target));
    }
    return isPublished;
  } finally {
    await discard({ directory: lock, name: prepared.name });
  }
}

/**
 * Takes the lock as soon as no other process holds it. If one other process holds it for longer than `STALE_MS`, removes the file of that
 * process from it: otherwise a process that was killed would block all others.
 */
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
    // Remove the empty directory, because Windows does not replace it by renaming. `rmdir` fails if the directory is not empty.
    if (found === undefined) await rmdir(lock).catch(() => undefined);
    else if (now - heldSince > STALE_MS) await unlink(path.join(lock, found)).catch(ignoreMissing);
    if (now - start > PATIENCE_MS) throw new Error('Other processes kept the lock of the file for too long.');
    await pause(2 + 6 * Math.random());
  }
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // Windows reports one of the last three if the directory exists, or if a virus scanner has it open.
    if (['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES', 'EBUSY'].includes(String(readProperty(error, 'code')))) return false;
    throw error;
  }
}

/**
 * Syncs a directory to the disk: otherwise a power failure could bring the old file back, whose refresh token has been spent. Does nothing
 * where the system does not support it.
 */
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
