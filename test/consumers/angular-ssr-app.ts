import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import example from '../../examples/angular/package.json' with { type: 'json' };

/** A function of `sluice/browser` that makes a store. */
export type StoreName = 'webStore' | 'localStorageStore';

export interface BuiltSsrApp {
  /** The folder with `browser` and `server`. */
  readonly dist: string;
  /** What `ng build` has printed. */
  readonly printed: string;
}

/** Builds the application by `ng build`, with the store in the documented configuration replaced by this one. */
export type BuildSsrApp = (store: StoreName, configuration: 'production' | 'development') => Promise<BuiltSsrApp>;

const version = example.dependencies['@angular/core'];
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);
// The application must not inherit the options and the mode that the tests themselves run with.
const { NODE_OPTIONS: _, NODE_ENV: __, VITEST: ___, ...inherited } = process.env;
const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];

/** The environment of the application's build and of its server. In both, a read of `localStorage` is printed as an error. */
export const env = {
  ...inherited,
  NG_CLI_ANALYTICS: 'false',
  CI: 'true',
  NO_COLOR: '1',
  NODE_OPTIONS: `--import ${pathToFileURL(file('fixtures/server-local-storage.mjs')).href}`,
};

/** Makes an application by `ng new --ssr`, and puts Sluice into it as docs/angular.md says. */
export async function makeSsrApp(): Promise<BuildSsrApp> {
  const { folder, tarball } = inject('forConsumers');
  const home = await mkdtemp(path.join(folder, 'angular-'));
  const app = path.join(home, 'shop');
  await mkdir(path.join(home, 'cli'));
  await run('npm', ['install', ...flags, '--prefix', path.join(home, 'cli'), `@angular/cli@${version}`], {
    cwd: home,
    env: inherited,
  });
  await ng(path.join(home, 'cli'), home, [
    ...['new', 'shop', '--ssr', '--defaults'],
    ...['--skip-git', '--skip-install', '--skip-tests', '--ai-config=none'],
  ]);

  // Install one version of all of Angular's packages, because the newest one may not be out yet for some of them.
  const manifest = path.join(app, 'package.json');
  const generated = await readFile(manifest, 'utf8');
  await writeFile(manifest, generated.replaceAll(/("@angular\/[\w-]+"): "[^"]+"/g, `$1: "${version}"`));
  await run('npm', ['install', ...flags, tarball, `axios@${example.dependencies.axios}`], {
    cwd: app,
    env: inherited,
  });
  await cp(file('fixtures/angular-ssr'), path.join(app, 'src/app'), { recursive: true });
  await rm(path.join(app, 'src/app/app.html'));
  const documented = await readFile(file('../../examples/snippets/angular-config.ts'), 'utf8');

  return async (store, configuration) => {
    await writeFile(path.join(app, 'src/app/documented.config.ts'), documented.replaceAll('webStore', store));
    const dist = path.join(app, 'dist', `${store}-${configuration}`);
    const printed = await ng(app, app, ['build', '--configuration', configuration, '--output-path', dist]);
    return { printed, dist };
  };
}

/** Runs the command line of Angular that is installed in one folder, in another. */
async function ng(installed: string, cwd: string, args: readonly string[]): Promise<string> {
  const cli = path.join(installed, 'node_modules/@angular/cli/bin/ng.js');
  const { stdout, stderr } = await run(process.execPath, [cli, ...args], { cwd, env });
  return stdout + stderr;
}
