import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import type { Files } from './consumer-app.ts';
import { importing, subpathsFor } from './subpaths.ts';

export const peers = { axios: '^1.7.0', rxjs: '^7.4.0' };

/** @param name - of a file of `fixtures/`, or `package/` for one that `npm test` uses, too */
export async function fixture(name: string): Promise<string> {
  const file = name.startsWith('package/')
    ? `../package/fixtures/${name.slice('package/'.length)}`
    : `fixtures/${name}`;
  return readFile(new URL(file, import.meta.url), 'utf8');
}

export interface Sources {
  /** `scenario.ts`, `subpaths.ts`, and `main.ts`, which loads both and prints what came of the scenario. */
  readonly typescript: Readonly<Record<string, string>>;
  /** The same in JavaScript. */
  readonly esm: Readonly<Record<string, string>>;
  readonly cjs: Readonly<Record<string, string>>;
}

/** The modules of an app that imports every subpath that it can, and prints `healed`. */
export async function sources(
  packages: Readonly<Record<string, string>> = peers,
  platform: 'node' | 'browser' = 'node',
): Promise<Sources> {
  const typescript = {
    'scenario.ts': await fixture('scenario.ts'),
    'subpaths.ts': importing(subpathsFor(packages, platform)),
    'main.ts': `import './subpaths';\nimport { scenario } from './scenario';\nvoid scenario().then(console.log);\n`,
  };
  const compiled = async (format: 'esm' | 'cjs'): Promise<Record<string, string>> => {
    const files = Object.entries(typescript).map(async ([name, text]) => {
      const { code } = await transform(text, { loader: 'ts', format });
      return [name.replace('.ts', '.js'), code.replaceAll(/(["'])(\.\/\w+)\1/g, '"$2.js"')] as const;
    });
    return Object.fromEntries(await Promise.all(files));
  };
  return { typescript, esm: await compiled('esm'), cjs: await compiled('cjs') };
}

/** Puts files into a folder. */
export const inFolder = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

/** Some files of `fixtures/apps/`, by their names in that app. */
export async function appFiles(app: string, names: readonly string[]): Promise<Record<string, string>> {
  const files = names.map(async (name) => [name, await fixture(`apps/${app}/${name}`)] as const);
  return Object.fromEntries(await Promise.all(files));
}
