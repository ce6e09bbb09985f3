import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { consumers } from './consumers.ts';

const { tarball, apps } = consumers();
const installed = path.join(apps.newest, 'node_modules/sluice');
const packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((file) => file.replace(/^package\//, ''));

describe('the tarball', () => {
  it('holds the sources, what is built of each, and the documents: nothing else', () => {
    const sources = globSync('src/**/*.ts');
    const built = sources.flatMap((source) => {
      const module = source.replace(/^src/, 'dist').replace(/\.ts$/, '');
      return ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((extension) => module + extension);
    });
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md'].filter((file) => globSync(file).length > 0);
    expect(packed.toSorted()).toEqual([...sources, ...built, ...documents, 'package.json'].toSorted());
  });

  it('has every file that an export names', () => {
    const named = Object.values(manifest.exports).flatMap((entry) =>
      Object.values(typeof entry === 'string' ? [entry] : entry),
    );
    for (const file of named) expect(packed).toContain(file.replace(/^\.\//, ''));
  });

  it('has the sources that its maps lead to', () => {
    for (const map of packed.filter((file) => file.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(path.join(installed, map), 'utf8')) as { sources: string[] };
      for (const source of sources) expect(packed).toContain(path.join(path.dirname(map), source));
    }
  });
});

describe('a bundle', () => {
  const bundle = async (contents: string): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: apps.newest },
      bundle: true,
      format: 'esm',
      minify: true,
      write: false,
      logLevel: 'silent',
    });
    return outputFiles.map(({ text }) => text.trim()).join('');
  };

  it.each(Object.keys(manifest.exports).filter((key) => !key.endsWith('.json')))(
    'of %s alone is empty',
    async (subpath) => {
      expect(await bundle(`import '${path.posix.join('sluice', subpath)}';`)).toBe('');
    },
  );

  it('of one export leaves the rest behind', async () => {
    const text = await bundle(`import { SessionExpiredError } from 'sluice'; console.log(SessionExpiredError);`);
    expect(text).toContain('SessionExpiredError');
    expect(text).not.toMatch(/Authorization|XMLHttpRequest/);
  });
});
