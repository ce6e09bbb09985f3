import type { StoredSession } from 'sluice/session';
import { chmod, mkdir, open, readdir, readFile, rename, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { fileCell } from '../../src/node/file-cell.ts';
import { emptyFolder } from './folder.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const { chmod: setMode, mkdir: make, open: start, rename: move, unlink: remove } = original;
  return {
    ...original,
    chmod: vi.fn(setMode),
    mkdir: vi.fn(make),
    open: vi.fn(start),
    rename: vi.fn(move),
    unlink: vi.fn(remove),
  };
});
vi.mock('node:timers/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:timers/promises')>();
  return { ...original, setTimeout: vi.fn(original.setTimeout) };
});
beforeEach(() => void vi.clearAllMocks());

const recordOf = (version: number): StoredSession => ({
  schema: 1,
  version,
  owner: 'ada',
  generation: version,
  tokens: '{}',
  by: 'test',
});

/** A session file that exists, with its folder. */
async function existing(): Promise<{ folder: string; file: string }> {
  const folder = await emptyFolder();
  const file = path.join(folder, 'session.json');
  await writeFile(file, JSON.stringify(recordOf(1)));
  return { folder, file };
}

const modeOf = async (made: string): Promise<string> => ((await stat(made)).mode & 0o777).toString(8);

it('a session file and the folder made for it are closed to other users from the moment when they are made', async () => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  // Another user who opens a file while its mode is too wide can read it even after the mode is changed.
  vi.mocked(chmod).mockResolvedValue();
  onTestFinished(() => void vi.mocked(chmod).mockReset());
  const file = path.join(await emptyFolder(), 'new', 'session.json');
  expect(await fileCell(file).swap(0, recordOf(1))).toBe(true);
  expect([await modeOf(path.dirname(file)), await modeOf(file)]).toEqual(['700', '600']);
});

it('everything that is made for a session file behind a symbolic link lies beside the file that the link leads to', async () => {
  const { folder, file } = await existing();
  const link = path.join(await emptyFolder(), 'link.json');
  await symlink(file, link);
  vi.clearAllMocks();
  expect(await fileCell(link).swap(1, recordOf(2))).toBe(true);
  const made = [...vi.mocked(mkdir).mock.calls.map(([name]) => name), ...vi.mocked(rename).mock.calls.flat()].map(
    String,
  );
  expect(made.length).toBeGreaterThan(0);
  // A folder beside the link may be on another device, from which a file cannot be renamed.
  expect(made.filter((name) => !name.startsWith(file))).toEqual([]);
  expect(await readdir(path.dirname(link))).toEqual(['link.json']);
  expect(await readdir(folder)).toEqual(['session.json']);
});

const refused = (code: string): Error => Object.assign(new Error('refused'), { code });

/** Refuses to replace the file for so many times; `seen` lists what the file contains each time. */
async function refusing(file: string, code: string, times: number): Promise<{ seen: string[] }> {
  const { rename: move } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  const seen: string[] = [];
  vi.mocked(rename).mockImplementation(async (from, to) => {
    if (to === file && seen.length < times) {
      seen.push(await readFile(file, 'utf8'));
      throw refused(code);
    }
    await move(from, to);
  });
  onTestFinished(() => void vi.mocked(rename).mockReset());
  return { seen };
}

it.each(['EXDEV', 'ENOSPC', 'EROFS'])(
  'a session file that cannot be replaced for %s keeps its content, is not opened for writing, and nothing stays beside it',
  async (code) => {
    const { folder, file } = await existing();
    const { seen } = await refusing(file, code, Infinity);
    await expect(fileCell(file).swap(1, recordOf(2))).rejects.toMatchObject({ code });
    expect(seen).toHaveLength(1);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(recordOf(1));
    expect(vi.mocked(open).mock.calls.filter(([opened, flags]) => opened === file && flags !== 'r')).toEqual([]);
    expect(await readdir(folder)).toEqual(['session.json']);
  },
);

it.each(['EPERM', 'EACCES', 'EBUSY'])(
  'a session file that Windows refuses to replace with %s keeps its content until it is replaced, and is not removed first',
  async (code) => {
    const { file } = await existing();
    const { seen } = await refusing(file, code, 3);
    expect(await fileCell(file).swap(1, recordOf(2))).toBe(true);
    expect(seen).toEqual(Array(3).fill(JSON.stringify(recordOf(1))));
    expect(vi.mocked(unlink).mock.calls.filter(([removed]) => removed === file)).toEqual([]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(recordOf(2));
  },
);

it('a session file that is missing for a moment, while an editor replaces it, is read once more and signs nobody out', async () => {
  const { file } = await existing();
  const cell = fileCell(file);
  await cell.read();
  await rename(file, `${file}~`);
  vi.mocked(pause).mockImplementationOnce(() => writeFile(file, JSON.stringify(recordOf(2))));
  expect(await cell.read()).toEqual(recordOf(2));
});

it('a session file that was removed is waited for once, and one that never existed is not', async () => {
  const { file } = await existing();
  const cell = fileCell(file);
  await cell.read();
  await unlink(file);
  expect([await cell.read(), await cell.read(), await fileCell(file).read()]).toEqual([null, null, null]);
  expect(pause).toHaveBeenCalledTimes(1);
});
