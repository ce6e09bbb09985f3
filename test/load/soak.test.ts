import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const rounds = process.env['SOAK_ROUNDS'] ?? '15';

it('the heap returns to its baseline after rounds of expiries and cancels (SOAK_ROUNDS: how many)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=sluice-source',
    'test/load/soak.ts',
    rounds,
  ]);
  const { requests, grownBytes } = JSON.parse(stdout) as { requests: number; grownBytes: number };
  console.log(`${requests.toString()} requests; the heap has grown by ${(grownBytes / 1024).toFixed(0)} kB`);
  // A leak of one closure per request would grow the heap by some hundred bytes for each.
  expect(grownBytes / requests).toBeLessThan(100);
}, 600_000);
