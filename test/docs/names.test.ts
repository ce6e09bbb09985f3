import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const files = globSync(['*.md', 'docs/**/*.md', '{bench,test/conformance}/*.md', '.github/**/*.{md,yml}', '.ci/run']);

it.for(files)('%s names npm scripts that exist', (file) => {
  const named = Array.from(readFileSync(file, 'utf8').matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g), ([, name]) => name);
  expect(named.filter((name = '') => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
});

// Leave out two documents about the past, which may name files that are gone: superseded decisions, and the report on an earlier state of
// the code.
const current = files.filter((file) => !['docs/decisions.md', 'docs/mutation.md'].includes(file));

// `src/app` is in the reader's own Angular app.
it.for(current)('%s names files that exist', (file) => {
  const text = readFileSync(file, 'utf8');
  const named = Array.from(
    text.matchAll(/`((?:src(?!\/app\/)|test|scripts|examples|docs)\/[\w./-]*)`/g),
    ([, name]) => name,
  );
  expect(named.filter((name = '') => !existsSync(name))).toEqual([]);
});
