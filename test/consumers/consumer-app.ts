import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject, onTestFinished, type TestContext } from 'vitest';

const execute = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for an app in which the packed package is installed. */
    forConsumers: { readonly folder: string; readonly tarball: string };
  }
}

/** Texts, or what is to become JSON, by the names of their files. */
export type Files = Readonly<Record<string, string | object>>;

export interface AppSpec {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly files?: Files;
  /** The `type` of the manifest. Without one, as in most apps, files are CommonJS for Node, and of either kind for some bundlers. */
  readonly type?: 'module' | 'commonjs';
  /** Packages whose install scripts may run, because they install the binary for this platform. */
  readonly scripts?: readonly string[];
}

/** An app outside of the repository, on which the tests' own versions and options have no influence. */
export class ConsumerApp {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(files: Files): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  async read(file: string): Promise<string> {
    return readFile(path.join(this.folder, file), 'utf8');
  }

  /** Installs what the app's manifest names. */
  async install(scripts: readonly string[] = []): Promise<void> {
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
    if (scripts.length === 0) flags.push('--ignore-scripts');
    await execute('npm', ['install', ...flags], { cwd: this.folder, env: ownEnvironment() });
  }

  /**
   * Runs `node` or a command of an installed package, in the app or a folder of it. Resolves with all that it prints.
   *
   * @throws Error with all that it printed, if it fails
   */
  async run(command: string, folder: string = '.'): Promise<string> {
    const { executable, args, env } = await this.#process(command);
    const cwd = path.join(this.folder, folder);
    try {
      const { stdout, stderr } = await execute(executable, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
      return stdout + stderr;
    } catch (failure) {
      const { message, stdout = '', stderr = '' } = failure as Error & { stdout?: string; stderr?: string };
      throw new Error([command, message, stdout, stderr].join('\n'), { cause: failure });
    }
  }

  /**
   * Starts a server, until the current test ends. Resolves with the address that it prints.
   *
   * @throws Error if it ends before that
   */
  async serve(command: string, onTestFinished: TestContext['onTestFinished']): Promise<string> {
    const { executable, args, env } = await this.#process(command);
    const server = spawn(executable, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(server, 'exit');
    onTestFinished(async () => {
      if (server.kill()) await ended;
    });
    for await (const chunk of server.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk)) ?? [];
      if (url === undefined) continue;
      server.stdout.resume();
      return url;
    }
    throw new Error(`${command} has ended without printing an address.`);
  }

  async #process(command: string): Promise<{ executable: string; args: string[]; env: NodeJS.ProcessEnv }> {
    const [file = '', ...args] = command.split(' ');
    const executable = file === 'node' ? process.execPath : path.join(this.folder, 'node_modules/.bin', file);
    const home = path.join(this.folder, '.home');
    await mkdir(home, { recursive: true });
    // Give tools a home folder of their own, because they write caches and settings there.
    const env = { ...ownEnvironment(), ...quiet, HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
    return { executable, args, env };
  }

  /** The version of an installed package. */
  async version(name: string): Promise<string> {
    return (JSON.parse(await this.read(`node_modules/${name}/package.json`)) as { version: string }).version;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** No colours, no questions and no telemetry. */
const quiet = { NO_COLOR: '1', CI: 'true', NG_CLI_ANALYTICS: 'false', NEXT_TELEMETRY_DISABLED: '1' };

function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, VITEST: ___, FORCE_COLOR: ____, ...env } = process.env;
  return env;
}

/** The manifest's dependency on the packed package. */
export const packed = (): { readonly sluice: string } => ({ sluice: `file:${inject('forConsumers').tarball}` });

/** Makes a folder for an app that writes its manifest by itself. */
export async function emptyApp(): Promise<ConsumerApp> {
  return new ConsumerApp(await mkdtemp(path.join(inject('forConsumers').folder, 'app-')));
}

/** Installs an app with Sluice; the caller removes it. */
export async function installApp({ dependencies, files = {}, type, scripts = [] }: AppSpec): Promise<ConsumerApp> {
  const app = await emptyApp();
  const allowScripts = Object.fromEntries(scripts.map((name) => [name, true]));
  const manifest = { private: true, type, allowScripts, dependencies: { ...packed(), ...dependencies } };
  await app.write({ ...files, 'package.json': manifest });
  await app.install(scripts);
  return app;
}

/** Installs an app with Sluice that is removed when the current test ends. */
export async function appOfTest(spec: AppSpec): Promise<ConsumerApp> {
  const app = await installApp(spec);
  onTestFinished(() => app.remove());
  return app;
}
