import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { pack } from '../../scripts/pack.ts';

/** Builds and packs once for all apps. Their folder goes when the run ends, also by Ctrl+C. */
export default async function setup(project: TestProject): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-consumers-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  project.provide('forConsumers', { folder, tarball: await pack(folder) });
}
