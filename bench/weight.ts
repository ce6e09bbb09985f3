import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { figure, type Figure } from './measure.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('.', import.meta.url));

/** What each library adds to an app that has axios and rxjs (and Angular) anyway, and what it costs to load. */
const entries: Readonly<Record<string, string>> = {
  'Sluice: client': `export { createClient, createSession } from 'sluice';`,
  'Sluice: attachSession': `export { attachSession, createSession } from 'sluice';`,
  'Sluice: sessionFetch': `export { createSession } from 'sluice/session'; export { sessionFetch } from 'sluice/fetch';`,
  'Angular with Sluice': `export { provideSession, sessionInterceptor } from 'sluice/angular';`,
  'axios-auth-refresh': `export { createAuthRefresh } from 'axios-auth-refresh';`,
  'axios-observable with the BehaviorSubject recipe': `import Axios from 'axios-observable'; export { Axios };`,
  alova: `export { createAlova } from 'alova'; export { createServerTokenAuthentication } from 'alova/client'; import fetch from 'alova/fetch'; export { fetch };`,
  '@badgateway/oauth2-client': `export { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';`,
  'ky with its hook recipe': `import ky from 'ky'; export { ky };`,
};

export interface Weight {
  /** Bytes of the bundle, minified and compressed by brotli. */
  readonly bytes: number;
  /** The time to load and run the minified module in a process of its own. */
  readonly startMilliseconds: Figure;
}

export interface WeightRow extends Weight {
  readonly name: string;
}

/** @param loads - how often each bundle is loaded */
export async function weights(loads: number): Promise<WeightRow[]> {
  const rows: WeightRow[] = [];
  for (const [name, entry] of Object.entries(entries)) rows.push({ name, ...(await weigh(entry, loads)) });
  return rows;
}

async function weigh(entry: string, repeats: number): Promise<Weight> {
  const outfile = path.join(root, 'results/.weigh.mjs');
  await build({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['axios', 'rxjs', '@angular/*'],
    outfile,
    logLevel: 'error',
  });
  // One of the bundles contains CommonJS, which needs a global `require`.
  const script = `
    import { createRequire } from 'node:module'; globalThis.require = createRequire(${JSON.stringify(root)});
    import 'axios'; import 'rxjs'; ${entry.includes('angular') ? "import '@angular/compiler'; import '@angular/common'; import '@angular/common/http'; import '@angular/core/rxjs-interop';" : ''}
    const before = performance.now(); await import(${JSON.stringify(outfile)}); console.log(performance.now() - before);`;
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    times.push(Number(stdout));
  }
  const code = await readFile(outfile);
  await rm(outfile);
  return { bytes: brotliCompressSync(code).length, startMilliseconds: figure(times) };
}
