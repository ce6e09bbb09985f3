import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

const root = path.join(import.meta.dirname, '../..');

interface Subpath {
  readonly name: string;
  /** The modules outside of Sluice that importing it loads. */
  readonly needs: readonly string[];
}

/** Every subpath that the manifest exports. They are built before the first test runs. */
export const subpaths: readonly Subpath[] = Object.entries(manifest.exports).flatMap(([key, targets]) =>
  typeof targets === 'string'
    ? []
    : { name: path.posix.join('sluice', key), needs: [...imports(path.join(root, targets.import.default))] },
);

/** The subpaths that an app with these packages can import: without `node`, only those that need nothing of Node's. */
export function subpathsFor(
  packages: Readonly<Record<string, string>>,
  platform: 'node' | 'browser' = 'node',
): string[] {
  const own = { ...packages, ...manifest.dependencies };
  const isThere = (module: string): boolean =>
    isBuiltin(module) ? platform === 'node' : Object.keys(own).some((name) => `${module}/`.startsWith(`${name}/`));
  return subpaths.filter(({ needs }) => needs.every(isThere)).map(({ name }) => name);
}

/** A module that fails to load if one of the subpaths exports nothing. */
export function importing(names: readonly string[]): string {
  return [
    ...names.map((name, index) => `import * as subpath${String(index)} from '${name}';`),
    `const modules: Record<string, object> = { ${names.map((name, index) => `'${name}': subpath${String(index)}`).join(', ')} };`,
    `for (const [name, exported] of Object.entries(modules))`,
    `  if (Object.keys(exported).length === 0) throw new Error(name + ' exports nothing');`,
    `export const loaded: number = ${String(names.length)};\n`,
  ].join('\n');
}

/** What a built module imports from outside of the package, itself or by the files that it shares. */
function imports(file: string, seen = new Set<string>(), found = new Set<string>()): Set<string> {
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, imported = ''] of readFileSync(file, 'utf8').matchAll(
    /^\s*(?:import|export)\b[^'"\n]*['"]([^'"\n]+)['"]/gm,
  )) {
    if (imported.startsWith('.')) imports(path.join(path.dirname(file), imported), seen, found);
    else found.add(imported);
  }
  return found;
}
