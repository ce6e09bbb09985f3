import { existsSync, globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkBlocks, codeBlocks } from '../../scripts/code-blocks.ts';

// Leave out the API reports: they are declarations without their imports, and so do not compile.
const pages = globSync(['README.md', 'docs/**/*.md']).filter((file) => !/^docs.api\b/.test(file));
const blocks = pages.sort().flatMap(codeBlocks);
const errors = checkBlocks(blocks, 'examples/tsconfig.json');

describe('code in the documents compiles', () => {
  it.skipIf(!existsSync('README.md'))('README.md contains at least one block', () => {
    expect(blocks.map(({ file }) => file)).toContain('README.md');
  });

  it.for(blocks)('$file:$line', (block) => {
    expect(errors.get(block)).toEqual([]);
  });
});
