// A process that replaces the record of a session file, and kills itself at a moment of that.
import files, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { StoredSession } from 'sluice/session';

const [file = '', moment = '', text = ''] = process.argv.slice(2);
const { open, rename } = files;

const dieAt = (reached: string): void => {
  if (reached === moment) process.kill(process.pid, 'SIGKILL');
};

files.open = async (...args: Parameters<typeof open>): Promise<FileHandle> => {
  const handle = await open(...args);
  const { writeFile } = handle;
  handle.writeFile = async (content) => {
    const written = content as string;
    await writeFile.call(handle, written.slice(0, written.length / 2));
    dieAt('half');
    await writeFile.call(handle, written.slice(written.length / 2));
  };
  return handle;
};
files.rename = async (from, to) => {
  const isPublishing = to === file;
  if (isPublishing) dieAt('publish');
  await rename(from, to);
  if (isPublishing) dieAt('published');
};
// The modules of the package import these functions by name.
syncBuiltinESMExports();
const { fileCell } = await import('../../src/node/file-cell.ts');
await fileCell(file).swap(1, JSON.parse(text) as StoredSession);
