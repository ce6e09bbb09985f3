import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startAuthServer } from '../support/auth-server.ts';

it('a command that is run eight times at once with dead tokens refreshes once', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  await using server = await startAuthServer();
  const run = async (...args: string[]): Promise<string> => {
    const command = [
      '--conditions=sluice-source',
      'examples/cli/cli.ts',
      server.url,
      path.join(folder, 'a/session.json'),
    ];
    return (await promisify(execFile)(process.execPath, [...command, ...args], { timeout: 60_000 })).stdout;
  };
  try {
    expect(await run('login', server.login().refreshToken)).toBe('Signed in.\n');
    server.expireAccess();
    server.forget();
    const answers = await Promise.all(Array.from({ length: 8 }, () => run('get', '/api/items')));
    for (const answer of answers) expect(answer).toMatch(/^200 /);
    expect(server.refreshes).toHaveLength(1);
    expect(server.reuse).toEqual([]);
    expect(await run('logout')).toBe('Signed out.\n');
    expect(await readdir(path.join(folder, 'a'))).toEqual(['session.json']);
    await expect(run('get', '/api/items')).rejects.toMatchObject({ stdout: expect.stringMatching(/^401 /) });
  } finally {
    await rm(folder, { recursive: true });
  }
});
