import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startAuthServer } from '../support/auth-server.ts';

/** Runs the command for this server and the session in this folder, and returns what it prints. */
const command =
  (url: string, folder: string) =>
  async (...args: string[]): Promise<string> => {
    const all = [
      '--conditions=sluice-source',
      'examples/cli/cli.ts',
      url,
      path.join(folder, 'a/session.json'),
      ...args,
    ];
    return (await promisify(execFile)(process.execPath, all, { timeout: 60_000 })).stdout;
  };

it('a command that is run eight times at once with dead tokens refreshes once', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  await using server = await startAuthServer();
  const run = command(server.url, folder);
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

it(
  'a command whose refresh is refused ends the session, also if the answer is no JSON',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
    await using server = await startAuthServer();
    const run = command(server.url, folder);
    try {
      await run('login', server.login().refreshToken);
      server.expireAccess();
      server.refreshBehaviour({ status: 401, body: 'Not allowed' });
      await expect(run('get', '/api/items')).rejects.toMatchObject({
        stderr: expect.stringMatching(/SessionExpiredError/),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
