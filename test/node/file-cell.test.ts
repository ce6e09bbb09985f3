import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, describe, onTestFinished } from 'vitest';
import { fileCell } from '../../src/node/file-cell.ts';
import { recordOf } from '../../src/testing/site-law.ts';
import { emptyFolder } from './folder.ts';
import { waitFor } from '../support/wait-for.ts';

const modeOf = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);
const heldLock = async (file: string): Promise<string> => {
  await mkdir(`${file}.lock`);
  await writeFile(path.join(`${file}.lock`, 'other'), '');
  return path.join(`${file}.lock`, 'other');
};

function useUmask(mask: number): void {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
}

describe('the permissions of a session file', () => {
  it.each([0o000, 0o777])(
    'let only its owner read and write it, from before it has content, under the umask %o',
    async (mask) => {
      const file = path.join(await emptyFolder(), 'session.json');
      useUmask(mask);
      await heldLock(file);
      const swapping = fileCell(file).swap(0, recordOf(1, 'A'));
      const prepared = await waitFor(async () => {
        const name = (await readdir(path.dirname(file))).find((entry) => entry.endsWith('.sluice'));
        const directory = path.join(path.dirname(file), name ?? '-');
        const [content] = await readdir(directory);
        if (content === undefined) throw new Error('The file has not been made yet.');
        return [directory, path.join(directory, content)] as const;
      });
      expect(Number.parseInt(await modeOf(prepared[0]), 8) & 0o077).toBe(0);
      expect(Number.parseInt(await modeOf(prepared[1]), 8) & 0o077).toBe(0);
      expect(await swapping).toBe(true);
      expect(await modeOf(file)).toBe('600');
    },
  );

  it('are tightened when a file with wider ones is replaced', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    await writeFile(file, JSON.stringify(recordOf(1, 'A')));
    await chmod(file, 0o644);
    expect(await fileCell(file).swap(1, recordOf(2, 'A'))).toBe(true);
    expect(await modeOf(file)).toBe('600');
  });

  it('are as strict for a folder that is made for it', async () => {
    const folder = path.join(await emptyFolder(), 'new', 'deep');
    useUmask(0);
    expect(await fileCell(path.join(folder, 'session.json')).swap(0, recordOf(1, 'A'))).toBe(true);
    expect([await modeOf(folder), await modeOf(path.dirname(folder))]).toEqual(['700', '700']);
  });

  it.runIf(process.getuid?.() === 0)(
    'include the owner of the file, who stays the same when root replaces it',
    async () => {
      const file = path.join(await emptyFolder(), 'session.json');
      await writeFile(file, JSON.stringify(recordOf(1, 'A')));
      await chown(file, 65_534, 65_534);
      expect(await fileCell(file).swap(1, recordOf(2, 'A'))).toBe(true);
      const { uid, gid } = await stat(file);
      expect([uid, gid]).toEqual([65_534, 65_534]);
    },
  );
});

describe('a folder that root makes for a session file', () => {
  it.runIf(process.getuid?.() === 0)(
    'belongs to the owner of the folder that it is made in, as the file does',
    async () => {
      const home = await emptyFolder();
      await chown(home, 65_534, 65_534);
      const file = path.join(home, '.config', 'my-cli', 'session.json');
      expect(await fileCell(file).swap(0, recordOf(1, 'A'))).toBe(true);
      for (const made of [path.join(home, '.config'), path.dirname(file), file]) {
        const { uid, gid } = await stat(made);
        expect([uid, gid]).toEqual([65_534, 65_534]);
      }
    },
  );
});

describe('a symbolic link to a session file', () => {
  it.each(['a file that exists', 'a file that does not exist yet'])('stays a link to %s', async (which) => {
    const folder = await emptyFolder();
    await mkdir(path.join(folder, 'dotfiles'));
    const target = path.join(folder, 'dotfiles', 'session.json');
    if (which === 'a file that exists') await writeFile(target, JSON.stringify(recordOf(1, 'A')));
    await symlink('dotfiles/session.json', path.join(folder, 'inner'));
    await symlink('inner', path.join(folder, 'session.json'));
    const cell = fileCell(path.join(folder, 'session.json'));
    const version = (await cell.read())?.version ?? 0;
    expect(await cell.swap(version, recordOf(2, 'B'))).toBe(true);
    expect((await lstat(path.join(folder, 'session.json'))).isSymbolicLink()).toBe(true);
    expect((await lstat(path.join(folder, 'inner'))).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({ owner: 'B' });
  });

  it('that leads in a circle is an error, and does not count as an empty cell', async () => {
    const folder = await emptyFolder();
    await symlink('b', path.join(folder, 'a'));
    await symlink('a', path.join(folder, 'b'));
    await expect(fileCell(path.join(folder, 'a')).read()).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(fileCell(path.join(folder, 'a')).swap(0, recordOf(1, 'A'))).rejects.toMatchObject({ code: 'ELOOP' });
  });
});

describe('a session file that another program writes', () => {
  it('is read once more when only a part of it has been written', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    const text = JSON.stringify(recordOf(1, 'A'));
    await writeFile(file, text.slice(0, 20));
    const reading = fileCell(file).read();
    await writeFile(file, text);
    expect(await reading).toEqual(recordOf(1, 'A'));
  });

  it.each(['{"schema":1,"vers', ''])('is an error while it holds %j, and is replaced by a sign-in', async (text) => {
    const file = path.join(await emptyFolder(), 'session.json');
    await writeFile(file, text);
    const cell = fileCell(file);
    await expect(cell.read()).rejects.toThrow(SyntaxError);
    expect(await cell.swap(1, recordOf(2, 'A'))).toBe(false);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await cell.swap(0, recordOf(1, 'A'))).toBe(true);
  });

  it.runIf(process.platform === 'linux')('is an error if it cannot be read', async () => {
    const folder = await emptyFolder();
    await expect(fileCell(folder).read()).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(fileCell(path.join(folder, 'a'.repeat(300))).read()).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  });
});

describe('the temporary folders beside a session file', () => {
  it('are gone after each swap, whether it was done or refused', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    const [one, two] = [fileCell(file), fileCell(file)];
    const swaps = [0, 1, 2, 3].map((n) =>
      (async () => (n % 2 ? one : two).swap(0, recordOf(1, `owner ${String(n)}`)))(),
    );
    expect((await Promise.all(swaps)).filter(Boolean)).toHaveLength(1);
    expect(await readdir(path.dirname(file))).toEqual(['session.json']);
  });

  it('are not made by reading', async () => {
    const folder = await emptyFolder();
    expect(await fileCell(path.join(folder, 'session.json')).read()).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  it('are removed if a killed process left them more than a minute ago, and nothing else is removed', async () => {
    const folder = await emptyFolder();
    const file = path.join(folder, 'session.json');
    const entries = ['session.json.dead1.sluice', 'session.json.young1.sluice', 'session.json.MINE.sluice', 'x.sluice'];
    for (const entry of entries) await mkdir(path.join(folder, entry));
    await writeFile(path.join(folder, 'session.json.dead1.sluice', 'dead1'), 'tokens');
    const old = Date.now() / 1_000 - 90;
    for (const entry of entries.filter((name) => !name.includes('young')))
      await utimes(path.join(folder, entry), old, old);
    expect(await fileCell(file).swap(0, recordOf(1, 'A'))).toBe(true);
    expect((await readdir(folder)).toSorted()).toEqual([...entries.slice(1), 'session.json'].toSorted());
  });
});

describe('the lock of a session file', () => {
  it('does not delay a swap when a killed process has left it empty', async () => {
    const [empty, held] = [path.join(await emptyFolder(), 'a.json'), path.join(await emptyFolder(), 'b.json')];
    await heldLock(held);
    await mkdir(`${empty}.lock`);
    const ends: string[] = [];
    // The swap under the held lock begins first, and ends last because it waits.
    await Promise.all(
      [held, empty].map(async (file) => {
        expect(await fileCell(file).swap(0, recordOf(1, 'A'))).toBe(true);
        ends.push(file);
      }),
    );
    expect(ends).toEqual([empty, held]);
  });

  it('is taken from a process that keeps it for more than a second, and not before', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    await heldLock(file);
    const start = performance.now();
    expect(await fileCell(file).swap(0, recordOf(1, 'A'))).toBe(true);
    // A timer of Node may fire a millisecond early.
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(await readdir(path.dirname(file))).toEqual(['session.json']);
  });

  it('cannot be taken while a file has its name: the swap fails and leaves no tokens beside the session file', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    await writeFile(`${file}.lock`, 'a file');
    await expect(fileCell(file).swap(0, recordOf(1, 'A'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readdir(path.dirname(file))).toEqual(['session.json.lock']);
  });
});
