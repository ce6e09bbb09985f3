import { chmod, chown, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { randomId, readProperty } from '../session/internal.ts';

/** A written file that is not published yet, alone in a directory of its own. */
export interface PreparedFile {
  readonly directory: string;
  /** Of the file, in whichever directory that is by then. Random: no other process will ever use it. */
  readonly name: string;
  /** When it was made, by the clock of the file system. */
  readonly madeAtMs: number;
}

const SUFFIX = '.sluice';
const LEFT_BEHIND_AFTER_MS = 60_000;

/** Writes what is to replace `target` into a directory beside it: on the disk, readable for its owner alone. */
export async function prepareFile(target: string, text: string): Promise<PreparedFile> {
  const name = randomId();
  const directory = `${target}.${name}${SUFFIX}`;
  await mkdir(directory, { mode: 0o700 }).catch(async (error: unknown) => {
    if (readProperty(error, 'code') !== 'ENOENT') throw error;
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await mkdir(directory, { mode: 0o700 });
  });
  try {
    const file = path.join(directory, name);
    // Also under a umask that takes even the owner's rights.
    await chmod(directory, 0o700);
    await write(file, text);
    for (const made of [directory, file]) await leaveToOwner(target, made);
    return { directory, name, madeAtMs: (await stat(directory)).mtimeMs };
  } catch (error) {
    await discard({ directory, name });
    throw error;
  }
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await chmod(file, 0o600);
    await handle.writeFile(text);
    // Before the file is renamed, or a power failure could leave an empty file under the name of the old one.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What root writes, by `sudo` for example, stays the user's: the user could neither read it nor get it out of the way. */
async function leaveToOwner(target: string, made: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const known = await stat(target).catch(() => stat(path.dirname(target)));
  await chown(made, known.uid, known.gid);
}

/** Removes a prepared file that is not needed, as far as it is there. */
export async function discard({ directory, name }: Pick<PreparedFile, 'directory' | 'name'>): Promise<void> {
  await rm(path.join(directory, name), { force: true }).catch(() => undefined);
  await rmdir(directory).catch(() => undefined);
}

/** Removes what killed processes have left beside `target` more than a minute before `prepared` was made. */
export async function removeLeftBehind(target: string, prepared: PreparedFile): Promise<void> {
  const folder = path.dirname(target);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const id = name.slice(path.basename(target).length + 1, -SUFFIX.length);
    const directory = path.join(folder, name);
    if (directory !== `${target}.${id}${SUFFIX}` || !/^[0-9a-z]+$/.test(id)) continue;
    const madeAtMs = await stat(directory).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (prepared.madeAtMs - madeAtMs > LEFT_BEHIND_AFTER_MS) await discard({ directory, name: id });
  }
}
