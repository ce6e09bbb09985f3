import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import bundled, { inflate } from '@sparticuz/chromium';

/** What Playwright's `launch` takes. */
export interface Chromium {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string | undefined>;
}

/** As few switches as a container needs: with web security and site isolation on, CORS and tabs behave as they do for people. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
];

const cache = fileURLToPath(new URL('../node_modules/.cache/chromium', import.meta.url));

/**
 * A Chromium that starts on this machine: the one named by `CHROMIUM_PATH`, else the one that comes with the dev dependencies,
 * on the shared libraries that come with it. A string says why there is none.
 */
export async function findChromium(): Promise<Chromium | string> {
  try {
    const chromium = await candidate();
    const options = { env: chromium.env, encoding: 'utf8', timeout: 20_000 } as const;
    const { status, stderr, error } = spawnSync(chromium.executablePath, ['--version'], options);
    if (status === 0) return chromium;
    throw error ?? new Error(stderr.trim());
  } catch (error) {
    return `no Chromium starts here (${String(error)}). Name one with CHROMIUM_PATH.`;
  }
}

async function candidate(): Promise<Chromium> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined) return { executablePath: named, args, env: process.env };
  const dir = await unpacked();
  const env = { ...process.env, LD_LIBRARY_PATH: path.join(dir, 'al2023/lib') };
  return { executablePath: path.join(dir, 'chromium'), args, env };
}

/**
 * Unpacks once per install. It unpacks into a folder of its own and renames that, because two runs that start together would disturb each
 * other in one folder.
 */
async function unpacked(): Promise<string> {
  if (existsSync(cache)) return cache;
  await mkdir(path.dirname(cache), { recursive: true });
  const fresh = await mkdtemp(`${cache}-`);
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = fresh; // where the package unpacks to
  try {
    await bundled.executablePath();
    await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))));
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
  await rename(fresh, cache).catch(() => rm(fresh, { recursive: true })); // another run was first
  return cache;
}
