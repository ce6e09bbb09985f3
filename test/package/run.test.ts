import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { consumers } from './consumers.ts';

const { apps, oldestNode } = consumers();
const run = promisify(execFile);
const subpaths = Object.keys(manifest.exports)
  .filter((key) => !key.endsWith('.json'))
  .map((key) => path.posix.join('sluice', key));

const nodes = [
  { title: `the oldest Node of ${manifest.engines.node}`, node: oldestNode },
  { title: `this Node, ${process.version}`, node: process.execPath },
];

describe.for(nodes)('the package on $title', ({ node }) => {
  const it = test.skipIf(node === null);
  const start = (app: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(node ?? 'no node', args, { cwd: app });

  it('has every subpath both as an import and by require()', async () => {
    const { stdout, stderr } = await start(apps.newest, 'imports.mjs', ...subpaths);
    expect(stderr).toBe('');
    const exported = JSON.parse(stdout) as Record<string, [imported: string[], required: string[]]>;
    for (const [imported, required] of Object.values(exported)) {
      expect(imported.length).toBeGreaterThan(0);
      expect(required).toEqual(expect.arrayContaining(imported));
    }
    expect(exported['sluice']?.[0]).toEqual(expect.arrayContaining(['attachSession', 'createClient', 'createSession']));
  });

  it('works without axios and Angular in all entries that do not need them', async () => {
    const named = ['sluice', 'sluice/streams', 'sluice/devtools', 'sluice/testing', 'sluice/angular'];
    await start(apps.withoutAxios, 'imports.mjs', ...subpaths.filter((subpath) => !named.includes(subpath)));
    await expect(start(apps.withoutAxios, 'imports.mjs', 'sluice')).rejects.toThrow(/Cannot find package 'axios'/);
    await expect(start(apps.withoutAxios, 'imports.mjs', 'sluice/angular')).rejects.toThrow(
      /Cannot find package '@ang/,
    );
  });

  describe.each(['newest', 'oldest'] as const)('with the %s peers', (peers) => {
    describe.each(['http', 'fetch'])('over %s', (adapter) => {
      it.each(['run.mjs', 'run.cjs'])('makes one refresh for twenty requests: %s', async (script) => {
        await start(apps[peers], script, adapter);
      });

      it('lets its two copies in one process, ES module and CommonJS, work together', async () => {
        await start(apps[peers], 'copies.mjs', adapter);
      });
    });

    it('has one session for HttpClient and for the client of an Angular application, which ends with the application', async () => {
      await start(apps[peers], 'run-angular.mjs');
    });
  });
});
