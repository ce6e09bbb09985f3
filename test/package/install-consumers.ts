import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import manifest from '../../package.json' with { type: 'json' };
import { pack } from '../../scripts/pack.ts';
import type { Consumers } from './consumers.ts';
import { lowest } from './lowest.ts';

const run = promisify(execFile);

/** The Angular packages that an application in Node needs. */
const angularPackages = ['common', 'compiler', 'core', 'platform-browser'];

/** Builds, packs and installs once for all tests of the package. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sluice-package-'));
  project.provide('consumers', await installConsumers(dir).catch(String));
  return () => rm(dir, { recursive: true });
}

async function installConsumers(dir: string): Promise<Consumers> {
  const tarball = await pack(dir);
  const install = async (name: string, dependencies: Record<string, string>): Promise<string> => {
    const app = path.join(dir, name);
    await mkdir(app);
    // Of the packages installed here only `node` needs its install script, which downloads the binary.
    const manifest = { private: true, type: 'module', allowScripts: { node: true }, dependencies };
    await writeFile(path.join(app, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: app });
    return app;
  };
  const sluice = `file:${tarball}`;
  const { axios, rxjs } = manifest.peerDependencies;
  const angular = (range: string): Record<string, string> =>
    Object.fromEntries(angularPackages.map((name) => [`@angular/${name}`, range]));
  const [newest, oldest, withoutAxios, oldestNode] = await Promise.all([
    install('newest', { sluice, axios, rxjs, ...angular(manifest.peerDependencies['@angular/core']) }),
    install('oldest', {
      sluice,
      axios: lowest(axios),
      rxjs: lowest(rxjs),
      ...angular(lowest(manifest.peerDependencies['@angular/core'])),
      'zone.js': '~0.15.0',
    }),
    install('without-axios', { sluice, rxjs }),
    install('node', { node: `~${lowest(manifest.engines.node)}` }).catch((error: unknown) => {
      console.warn(`SKIPPED: Node ${manifest.engines.node} cannot be installed here. ${String(error)}`);
      return null;
    }),
  ]);

  const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
  for (const app of [newest, oldest]) {
    for (const file of [
      'consumer.ts',
      'consumer-angular.ts',
      'rotation.mjs',
      'run.mjs',
      'run.cjs',
      'copies.mjs',
      'run-angular.mjs',
      'imports.mjs',
    ]) {
      await cp(path.join(fixtures, file), path.join(app, file));
    }
    // Copy the same files as CommonJS.
    for (const file of ['consumer', 'consumer-angular', 'mixed']) {
      await cp(path.join(fixtures, `${file}.ts`), path.join(app, `${file}.cts`));
    }
  }
  for (const file of ['without-axios.ts', 'imports.mjs']) {
    await cp(path.join(fixtures, file), path.join(withoutAxios, file));
  }

  return {
    tarball,
    apps: { newest, oldest, withoutAxios },
    oldestNode: oldestNode && path.join(oldestNode, 'node_modules/node/bin/node'),
  };
}
