import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { patiently } from '../../src/node/patiently.ts';
import { prepareFile } from '../../src/node/prepared-file.ts';
import { type Publication, publishFile } from '../../src/node/publish-file.ts';
import { emptyFolder } from './folder.ts';

const when = (isWanted: () => Promise<boolean>): Publication => ({ isWanted, mustLast: true });
const wanted = when(() => Promise.resolve(true));

it('a process that was suspended while it had the lock of a session file does not overwrite the file of its successor', async () => {
  const file = path.join(await emptyFolder(), 'session.json');
  let goOn = (): void => undefined;
  const isStopped = when(async () => {
    await new Promise<void>((resolve) => (goOn = resolve));
    return true;
  });
  const stopped = publishFile(file, await prepareFile(file, 'late'), isStopped);
  expect(await publishFile(file, await prepareFile(file, 'successor'), wanted)).toBe(true);
  goOn();
  await expect(stopped).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readFile(file, 'utf8')).toBe('successor');
  expect(await readdir(path.dirname(file))).toEqual(['session.json']);
});

it('a process that was suspended with the lock of a session file neither publishes nor removes what its successor has prepared', async () => {
  const file = path.join(await emptyFolder(), 'session.json');
  let goOn = (): void => undefined;
  const isStopped = when(async () => {
    await new Promise<void>((resolve) => (goOn = resolve));
    return true;
  });
  const stopped = publishFile(file, await prepareFile(file, 'late'), isStopped);
  const isLate = when(async () => {
    goOn();
    await expect(stopped).rejects.toMatchObject({ code: 'ENOENT' });
    return true;
  });
  const successor = publishFile(file, await prepareFile(file, 'successor'), isLate);
  expect(await successor).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('successor');
});

it('of twelve writers of a session file that wait for the lock of a dead process, each gets it alone', async () => {
  const file = path.join(await emptyFolder(), 'session.json');
  const dead = await prepareFile(file, 'dead');
  void publishFile(
    file,
    dead,
    when(() => new Promise(() => {})),
  );
  let inside = 0;
  let most = 0;
  const work = when(async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
    return true;
  });
  const prepared = await Promise.all(Array.from({ length: 12 }, (_, n) => prepareFile(file, String(n))));
  expect(await Promise.all(prepared.map((each) => publishFile(file, each, work)))).toEqual(prepared.map(() => true));
  expect(most).toBe(1);
});

const failing = (code: string, times: number): { (): Promise<string>; calls: number } => {
  const work = async (): Promise<string> => {
    its.calls += 1;
    if (its.calls <= times) throw Object.assign(new Error('in the way'), { code });
    return 'done';
  };
  const its = Object.assign(work, { calls: 0 });
  return its;
};

it.each(['EPERM', 'EACCES', 'EBUSY'])('patiently() tries a rename again that Windows refuses with %s', async (code) => {
  expect(await patiently(failing(code, 3))).toBe('done');
});

it('patiently() fails after about a second if a rename is always refused', async () => {
  const work = failing('EPERM', Infinity);
  const start = performance.now();
  await expect(patiently(work)).rejects.toMatchObject({ code: 'EPERM' });
  expect(performance.now() - start).toBeGreaterThan(900);
});

it.each(['ENOENT', 'EXDEV', 'ENOSPC'])('patiently() does not try a rename again that fails with %s', async (code) => {
  const work = failing(code, 1);
  await expect(patiently(work)).rejects.toMatchObject({ code });
  expect(work.calls).toBe(1);
});
