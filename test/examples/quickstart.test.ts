import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('npm run quickstart shows one refresh for five requests, one of them cancelled, and exits', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=sluice-source', 'examples/quickstart/quickstart.ts'],
    { timeout: 60_000 },
  );
  expect(stderr).toBe('');
  expect(stdout.match(/done: Hello Ada/g)).toHaveLength(4);
  expect(stdout).toMatch(/request 4 +cancelled while it waits/);
  expect(stdout.match(/refresh-started/g)).toHaveLength(1);
  expect(stdout).toContain('The server saw 5 dead tokens and 1 refresh.');
});
