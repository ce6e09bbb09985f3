import { chmod, chown, mkdir, open, readdir, rmdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { randomId, readProperty } from '../session/internal.ts';

/** A file that was written and has not replaced the target yet. It is alone in a directory of its own. */
export interface PreparedFile {
  readonly directory: string;
  /** The name of the file. It is random, so no other process uses it, and stays the same when `publishFile` renames the directory. */
  readonly name: string;
}

const SUFFIX = '.sluice';
const LEFT_BEHIND_AFTER_MS = 60_000;

/** Writes the text that will replace `target` into a directory beside it. Only the user can read the file, and it is synced to the disk. */
export async function prepareFile(target: string, text: string): Promise<PreparedFile> {
  const name = randomId();
  const directory = `${target}.${name}${SUFFIX}`;
  await mkdir(directory, { mode: 0o700 }).catch(async (error: unknown) => {
    if (readProperty(error, 'code') !== 'ENOENT') throw error;
    await makeFolder(path.dirname(target));
    await mkdir(directory, { mode: 0o700 });
  });
  try {
    const file = path.join(directory, name);
    // Set the mode again, because a umask may have removed rights of the user.
    await chmod(directory, 0o700);
    await write(file, text);
    await leaveToOwner(target, [directory, file]);
    return { directory, name };
  } catch (error) {
    await discard({ directory, name });
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const made: string[] = [];
  for (let at = folder; at.length >= first.length; at = path.dirname(at)) made.push(at);
  await leaveToOwner(path.dirname(first), made);
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await chmod(file, 0o600);
    await handle.writeFile(text);
    // Sync before the file is renamed: otherwise a power failure could leave an empty file under the name of the old one.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * If the process runs as root, such as by `sudo`, gives what it made to the user who owns the target, or else the folder that it is in:
 * otherwise that user could neither read nor replace it.
 */
async function leaveToOwner(target: string, made: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(target).catch(() => stat(path.dirname(target)));
  for (const name of made) await chown(name, uid, gid);
}

/** Removes a prepared file and its directory, if they exist. Never fails. */
export async function discard({ directory, name }: PreparedFile): Promise<void> {
  await unlink(path.join(directory, name)).catch(() => undefined);
  await rmdir(directory).catch(() => undefined);
}

/** Removes prepared files that killed processes have left beside `target`, if they are more than a minute older than `prepared`. */
export async function removeLeftBehind(target: string, prepared: PreparedFile): Promise<void> {
  const folder = path.dirname(target);
  // Compare the times of the file system: its clock may differ from that of this machine.
  const { mtimeMs: preparedAtMs } = await stat(prepared.directory);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const id = name.slice(path.basename(target).length + 1, -SUFFIX.length);
    const directory = path.join(folder, name);
    if (directory !== `${target}.${id}${SUFFIX}` || !/^[0-9a-z]+$/.test(id)) continue;
    const madeAtMs = await stat(directory).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (preparedAtMs - madeAtMs > LEFT_BEHIND_AFTER_MS) await discard({ directory, name: id });
  }
}
