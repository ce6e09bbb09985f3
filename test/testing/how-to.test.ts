import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { codeBlocks } from '../../scripts/code-blocks.ts';

it.for([
  'test/testing/how-to/client.test.ts',
  'test/testing/how-to/session.test.ts',
  'test/testing/how-to/streams.test.ts',
  'test/testing/how-to/marbles.test.ts',
  'test/angular/how-to-test-client.test.ts',
])('docs/testing.md contains the code of %s, which is run as a test', (file) => {
  const shown = codeBlocks('docs/testing.md').map(({ code }) => `${code}\n`);
  expect(shown).toContain(readFileSync(file, 'utf8'));
});
