import type { StoredSession } from 'sluice/session';
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
import { type FileHandle, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';
import { fileCell } from '../../src/node/file-cell.ts';
import { emptyFolder } from './folder.ts';

type Files = typeof import('node:fs/promises');

/** A process that writes a session file and does no more from the given step on. A step is a call of `node:fs/promises`. */
interface Writer {
  stopAt: number;
  steps: string[];
  stopped(): void;
}

const writers = vi.hoisted(() => ({ running: undefined as AsyncLocalStorage<Writer> | undefined }));
writers.running = new AsyncLocalStorage();
const handles: FileHandle[] = [];
// They are left open by the writers that do not go on.
afterAll(() => Promise.all(handles.map((handle) => handle.close().catch(() => undefined))));

/** Never resolves if the process of this call has been stopped. */
async function reach(step: string): Promise<void> {
  const writer = writers.running?.getStore();
  if (!writer) return;
  writer.steps.push(step);
  if (writer.steps.length !== writer.stopAt) return;
  writer.stopped();
  await new Promise(() => undefined);
}

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<Files>();
  const open: Files['open'] = async (...args) => {
    await reach('open');
    const handle = await original.open(...args);
    if (!writers.running?.getStore()) return handle;
    handles.push(handle);
    const { writeFile: write, sync, close } = handle;
    return Object.assign(handle, {
      writeFile: async (text: string) => {
        await write.call(handle, text.slice(0, text.length / 2));
        await reach('half of the text is written');
        await write.call(handle, text.slice(text.length / 2));
      },
      sync: () => reach('sync').then(() => sync.call(handle)),
      close: () => reach('close').then(() => close.call(handle)),
    });
  };
  const stepwise = Object.entries(original).map(([name, work]): [string, unknown] => {
    if (typeof work !== 'function') return [name, work];
    const call = work as (...args: unknown[]) => unknown;
    return [name, (...args: unknown[]) => reach(name).then(() => call(...args))];
  });
  return { ...Object.fromEntries(stepwise), open };
});

const recordOf = (version: number): StoredSession => ({
  schema: 1,
  version,
  owner: 'ada',
  generation: version,
  tokens: JSON.stringify({ accessToken: `access-${String(version)}`.padEnd(10_000, '.') }),
  by: 'test',
});

async function fileOf(record: StoredSession): Promise<string> {
  const file = path.join(await emptyFolder(), 'session.json');
  await writeFile(file, JSON.stringify(record));
  return file;
}

/** Lets a process replace the record of version 1 and stop at a step. Resolves with its steps when it has stopped or ended. */
async function writeUntil(file: string, stopAt: number): Promise<string[]> {
  const steps: string[] = [];
  await new Promise<void>((stopped, failed) => {
    const swap = (): Promise<boolean> => Promise.resolve(fileCell(file).swap(1, recordOf(2)));
    writers.running?.run({ stopAt, steps, stopped }, swap).then(() => stopped(), failed);
  });
  return steps;
}

it('a process that is killed at any step of writing a session file leaves the old file or the new one, and blocks no other process', async () => {
  const whole = await fileOf(recordOf(1));
  const steps = await writeUntil(whole, Infinity);
  expect(JSON.parse(await readFile(whole, 'utf8'))).toEqual(recordOf(2));
  expect(steps).toEqual(expect.arrayContaining(['mkdir', 'open', 'half of the text is written', 'rename', 'rmdir']));

  const published = steps.lastIndexOf('rename') + 1;
  await Promise.all(
    steps.map(async (step, index) => {
      const stopAt = index + 1;
      const file = await fileOf(recordOf(1));
      const where = `stopped at step ${String(stopAt)}, ${step}`;
      expect(await writeUntil(file, stopAt), where).toHaveLength(stopAt);
      const left = await fileCell(file).read();
      expect(left, where).toEqual(recordOf(stopAt <= published ? 1 : 2));
      const version = left?.version ?? 0;
      expect(await fileCell(file).swap(version, recordOf(version + 1)), where).toBe(true);
      expect(await fileCell(file).read(), where).toEqual(recordOf(version + 1));
    }),
  );
});

const writer = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));

it.each([
  ['has written half of the new file', 'half', 1],
  ['has the lock', 'publish', 1],
  ['has replaced the file', 'published', 2],
] as const)(
  'a process that gets SIGKILL when it %s leaves a whole session file, and blocks no other process',
  async (_when, moment, version) => {
    const file = await fileOf(recordOf(1));
    const args = ['--conditions=sluice-source', writer, file, moment, JSON.stringify(recordOf(2))];
    const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    expect(stderr).toBe('');
    expect(signal).toBe('SIGKILL');
    expect(await fileCell(file).read()).toEqual(recordOf(version));
    expect(await fileCell(file).swap(version, recordOf(version + 1))).toBe(true);
  },
);
