import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { inject } from 'vitest';
import example from '../../examples/angular/package.json' with { type: 'json' };
import { authApi, type AuthApi } from '../../examples/demo/api/auth-api.ts';

export interface BuiltSsrApp {
  /** The folder with `browser` and `server`. */
  readonly dist: string;
  /** What `ng build` has printed. */
  readonly printed: string;
}

export interface RunningSsrApp {
  readonly api: AuthApi;
  readonly url: string;
  stop(): Promise<void>;
}

const version = example.dependencies['@angular/core'];
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);
// The application must not inherit the options and the mode that the tests themselves run with.
const { NODE_OPTIONS: _, NODE_ENV: __, VITEST: ___, ...inherited } = process.env;
const env = { ...inherited, NG_CLI_ANALYTICS: 'false', CI: 'true', NO_COLOR: '1' };
const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];

/** Makes an application by `ng new --ssr`, puts Sluice into it as docs/angular.md says, and builds it. */
export async function buildSsrApp(): Promise<BuiltSsrApp> {
  const { folder, tarball } = inject('forConsumers');
  const home = await mkdtemp(path.join(folder, 'angular-'));
  const app = path.join(home, 'shop');
  await mkdir(path.join(home, 'cli'));
  await run('npm', ['install', ...flags, '--prefix', path.join(home, 'cli'), `@angular/cli@${version}`], { cwd: home });
  const ng = async (cwd: string, ...args: string[]): Promise<string> => {
    const cli = path.join(cwd === home ? path.join(home, 'cli') : cwd, 'node_modules/@angular/cli/bin/ng.js');
    const { stdout, stderr } = await run(process.execPath, [cli, ...args], { cwd, env });
    return stdout + stderr;
  };
  await ng(
    home,
    'new',
    'shop',
    '--ssr',
    '--defaults',
    '--skip-git',
    '--skip-install',
    '--skip-tests',
    '--ai-config=none',
  );

  // Install one version of all of Angular's packages, because the newest one may not be out yet for some of them.
  const manifest = path.join(app, 'package.json');
  const generated = await readFile(manifest, 'utf8');
  await writeFile(manifest, generated.replaceAll(/("@angular\/[\w-]+"): "[^"]+"/g, `$1: "${version}"`));
  await run('npm', ['install', ...flags, tarball, `axios@${example.dependencies.axios}`], { cwd: app, env });
  await cp(file('fixtures/angular-ssr'), path.join(app, 'src/app'), { recursive: true });
  await copyFile(file('../../examples/snippets/angular-config.ts'), path.join(app, 'src/app/documented.config.ts'));
  await rm(path.join(app, 'src/app/app.html'));
  return { printed: await ng(app, 'build'), dist: path.join(app, 'dist/shop') };
}

/** Starts the server that `ng new` made, and one before it that has the API on the same origin. */
export async function serveSsrApp({ dist }: BuiltSsrApp): Promise<RunningSsrApp> {
  const port = String(await freePort());
  const renderer = spawn(process.execPath, [path.join(dist, 'server/server.mjs')], {
    env: { ...env, PORT: port, NG_ALLOWED_HOSTS: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(renderer.stdout, 'data');
  const api = authApi(300);
  api.app.all('*', ({ req }) => fetch(new URL(req.path, `http://127.0.0.1:${port}`), { redirect: 'manual' }));
  const server = serve({ fetch: api.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  return {
    api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      if (renderer.kill()) await once(renderer, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
