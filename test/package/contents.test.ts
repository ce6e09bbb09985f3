import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { consumers } from './consumers.ts';

const { tarball, apps } = consumers();
const installed = path.join(apps.newest, 'node_modules/sluice');
const packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((file) => file.replace(/^package\//, ''));

const subpaths = Object.keys(manifest.exports).filter((key) => !key.endsWith('.json'));

describe('the tarball', () => {
  it('contains the sources, what is built from them, and the documents, and nothing else', () => {
    const sources = globSync('src/**/*.ts');
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md'].filter((file) => globSync(file).length > 0);
    const built = packed.filter((file) => /^dist\/[\w-]+\.(js|cjs|d\.ts|d\.cts)(\.map)?$/.test(file));
    expect(packed.toSorted()).toEqual([...sources, ...built, ...documents, 'package.json'].toSorted());
  });

  it('has one module for each subpath and few shared ones, as ES modules and as CommonJS', () => {
    for (const extension of ['.js', '.cjs', '.d.ts', '.d.cts']) {
      const modules = packed.filter((file) => file.startsWith('dist/') && file.endsWith(extension));
      expect(modules.length).toBeLessThan(2 * subpaths.length);
    }
  });

  it('has every file that its manifest names', () => {
    const { exports, main, types, typesVersions } = manifest;
    for (const file of filesIn({ exports, main, types, typesVersions }))
      expect(packed).toContain(file.replace(/^\.\//, ''));
  });

  it('has types of every subpath for a resolution that ignores `exports`', () => {
    const named = Object.keys(manifest.typesVersions['*']).map((name) => `./${name}`);
    expect(['.', ...named].toSorted()).toEqual(subpaths.toSorted());
  });

  it('has CommonJS in strict mode, like the sources', () => {
    for (const file of packed.filter((name) => name.endsWith('.cjs')))
      expect(readFileSync(path.join(installed, file), 'utf8')).toMatch(/^\s*['"]use strict['"]/);
  });

  it('has the sources that its source maps point to', () => {
    for (const map of packed.filter((file) => file.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(path.join(installed, map), 'utf8')) as { sources: string[] };
      for (const source of sources) expect(packed).toContain(path.join(path.dirname(map), source));
    }
  });
});

/**
 * Bundles everything of Sluice as if its manifest did not say that no module has side effects. Its dependencies have
 * none, and are left external.
 */
const withoutHint: Plugin = {
  name: 'without the hint',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^/ }, async ({ path: name, pluginData, ...options }) => {
      if (pluginData === withoutHint) return undefined;
      if (!/^(sluice|\.)/.test(name)) return { path: name, external: true, sideEffects: false };
      const { resolveDir, importer, kind } = options;
      const resolved = await resolve(name, { resolveDir, importer, kind, pluginData: withoutHint });
      return { path: resolved.path, sideEffects: true };
    });
  },
};

describe('a bundle', () => {
  const bundle = async (contents: string, plugins: Plugin[] = []): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: apps.newest },
      bundle: true,
      format: 'esm',
      minify: true,
      write: false,
      logLevel: 'silent',
      // Leave out Node's own modules, which are no part of a bundle for Node either.
      external: ['node:*'],
      plugins,
    });
    return outputFiles.map(({ text }) => text.trim()).join('');
  };

  it.each(subpaths)(
    'of an import of %s alone is empty, whether or not the bundler trusts `sideEffects`',
    async (subpath) => {
      const contents = `import '${path.posix.join('sluice', subpath)}';`;
      expect(await bundle(contents)).toBe('');
      expect(await bundle(contents, [withoutHint])).toBe('');
    },
  );

  it('of one export contains only what that needs', async () => {
    const text = await bundle(`import { SessionExpiredError } from 'sluice'; console.log(SessionExpiredError);`);
    expect(text).toContain('SessionExpiredError');
    expect(text).not.toMatch(/Authorization|XMLHttpRequest/);
  });
});

/** The files that a part of a manifest names, at any depth. */
function filesIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(filesIn) : [];
}
