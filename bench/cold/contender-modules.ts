import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bareObservable } from '../contenders/bare-observable.ts';
import { rawAxios } from '../contenders/raw-axios.ts';
import { recipe } from '../contenders/recipe.ts';
import { sluiceAttached, sluiceClient } from '../contenders/sluice.ts';

const bench = fileURLToPath(new URL('..', import.meta.url));

/** The contenders of the cold scenario: for each name, the export that has the contender. */
export const coldContenders: ReadonlyMap<string, string> = new Map([
  [rawAxios.name, `{ rawAxios as contender } from './contenders/raw-axios.ts'`],
  [bareObservable.name, `{ bareObservable as contender } from './contenders/bare-observable.ts'`],
  [recipe.name, `{ recipe as contender } from './contenders/recipe.ts'`],
  [sluiceClient.name, `{ sluiceClient as contender } from './contenders/sluice.ts'`],
  [sluiceAttached.name, `{ sluiceAttached as contender } from './contenders/sluice.ts'`],
]);

export interface ColdModules {
  readonly folder: string;
  /** The script that a fresh process runs. */
  readonly script: string;
  /** URL of the module of each contender, by its name. */
  readonly urls: ReadonlyMap<string, string>;
}

/**
 * Compiles the bench's own TypeScript, so that no fresh process does it. Axios, RxJS and Sluice stay imports of the installed
 * packages: a fresh process loads them as Node does, and Sluice from `dist`. The caller removes `folder`.
 */
export async function buildColdModules(): Promise<ColdModules> {
  // The folder is inside the bench: Node resolves packages from the folder of the importing module, and would not find them elsewhere.
  await mkdir(path.join(bench, 'results'), { recursive: true });
  const folder = await mkdtemp(path.join(bench, 'results/.cold-'));
  const compile = async (contents: string, name: string): Promise<string> => {
    const outfile = path.join(folder, name);
    await build({
      stdin: { contents, resolveDir: bench },
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'error',
    });
    return outfile;
  };
  const urls = new Map<string, string>();
  for (const [name, exported] of coldContenders) {
    const code = `export ${exported}; export { stage } from './stage.ts';`;
    urls.set(name, pathToFileURL(await compile(code, `contender-${urls.size}.mjs`)).href);
  }
  return { folder, script: await compile(`import './cold/fresh-process.ts';`, 'fresh-process.mjs'), urls };
}
