import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

it.skipIf(process.platform === 'win32')(
  'a file that has no room to be written stays as it is, and what was written of the new one is removed',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-full-'));
    const file = path.join(folder, 'session.json');
    const before = JSON.stringify({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    await writeFile(file, before);
    const script = `
      import { createSession } from 'sluice/session';
      import { fileStore } from 'sluice/node';
      // What the limit does to a process that does not ignore it is to kill it; a full disk only refuses.
      process.on('SIGXFSZ', () => undefined);
      const store = fileStore(${JSON.stringify(file)});
      const session = createSession({ refresh: () => [], store, storeTimeoutMs: 500 });
      session.events$.subscribe(({ type, operation, message }) => console.log(type, operation ?? '', message ?? ''));
      const update = () => session.update({ accessToken: 'x'.repeat(100_000), refreshToken: 'refresh-2' });
      const signedIn = new Promise((resolve) => session.state$.subscribe(({ status }) => status === 'signed-in' && resolve()));
      await signedIn;
      await update().catch((error) => console.log(error.name));
      // Ends the repeated write, and with it the process. An exit in the middle of a write would leave what has been written.
      session.dispose();`;
    // In blocks of 1024 bytes.
    const command = `ulimit -f 8; exec "$0" --conditions=sluice-source --input-type=module --eval "$1"`;
    const { stdout } = spawnSync('bash', ['-c', command, process.execPath, script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stdout).toContain('store-failed set Error');
    expect(stdout).toContain('StoreFailedError');
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(folder)).toEqual(['session.json']);
    await rm(folder, { recursive: true });
  },
);
