import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { pack } from '../../scripts/pack.ts';

/** Builds and packs the package once for all apps. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-consumers-'));
  project.provide('forConsumers', { folder, tarball: await pack(folder) });
  return () => rm(folder, { recursive: true });
}
