import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const page = readFileSync('docs/architecture.md', 'utf8');

it.for(['session', 'http', 'fetch', 'streams', 'operators', 'browser', 'node', 'redis', 'testing'])(
  'docs/architecture.md lists every file of src/%s, each below the files that it imports',
  (folder) => {
    const [, section = ''] = page.split(`### src/${folder}\n`);
    const named = Array.from(
      (section.split('\n### ')[0] ?? '').matchAll(/^\| `([a-z-]+)` \|/gm),
      ([, name = '']) => name,
    );
    const files = globSync(`src/${folder}/*.ts`).map((file) => path.basename(file, '.ts'));
    expect(named.toSorted()).toEqual(files.filter((name) => name !== 'index' && name !== 'internal').sort());

    const below = named.flatMap((name, line) => {
      const source = readFileSync(`src/${folder}/${name}.ts`, 'utf8');
      const imports = Array.from(source.matchAll(/from '\.\/([a-z-]+)\.ts'/g), ([, imported = '']) => imported);
      return imports.filter((imported) => named.indexOf(imported) > line).map((imported) => `${name} -> ${imported}`);
    });
    expect(below).toEqual([]);
  },
);
