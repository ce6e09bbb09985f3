import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pack } from './pack.ts';

const app = fileURLToPath(new URL('../examples/angular', import.meta.url));
const run = promisify(execFile);

/** Packs Sluice, installs it into the Angular example and builds that for production. Gives the folder with `index.html`. */
export async function buildExample(): Promise<string> {
  if (!existsSync(path.join(app, 'node_modules/@angular/cli'))) {
    await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: app });
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'sluice-example-'));
  try {
    // Install the package as users get it, without a change to the example's own lock file.
    const flags = ['--no-save', '--no-package-lock', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, await pack(dir)], { cwd: app });
  } finally {
    await rm(dir, { recursive: true });
  }
  await run('npm', ['run', 'build'], { cwd: app, env: { ...process.env, NG_CLI_ANALYTICS: 'false', CI: 'true' } });
  return path.join(app, 'dist/browser');
}
