import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const run = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for an app in which the packed package is installed. */
    forConsumers: { readonly folder: string; readonly tarball: string };
  }
}

export interface ConsumerApp {
  readonly dependencies: Readonly<Record<string, string>>;
  /** The contents of files by their names. */
  readonly files: Readonly<Record<string, string>>;
  readonly type?: 'module' | 'commonjs';
}

/**
 * Installs an app with Sluice outside of the repository. Returns a function that runs a command there and resolves
 * with everything it prints.
 */
export async function installApp({
  dependencies,
  files,
  type = 'commonjs',
}: ConsumerApp): Promise<(command: string) => Promise<string>> {
  const { folder, tarball } = inject('forConsumers');
  const cwd = await mkdtemp(path.join(folder, 'app-'));
  const manifest = { private: true, type, dependencies: { sluice: `file:${tarball}`, ...dependencies } };
  for (const [name, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
    await writeFile(path.join(cwd, name), text);
  }
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await run('npm', ['install', ...flags], { cwd });
  // Remove the versions and options that the tests themselves run with.
  const { NODE_OPTIONS: _, NODE_ENV: __, VITEST: ___, ...env } = process.env;
  return async (command) => {
    const [file = '', ...args] = command.split(' ');
    const local = file === 'node' ? process.execPath : path.join(cwd, 'node_modules/.bin', file);
    const { stdout, stderr } = await run(local, args, { cwd, env: { ...env, NO_COLOR: '1' } }).catch(
      (failure: unknown) => {
        const { stdout, stderr } = failure as { stdout: string; stderr: string };
        throw new Error(`${command}\n${stdout}\n${stderr}`);
      },
    );
    return stdout + stderr;
  };
}
