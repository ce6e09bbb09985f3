import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutant } from './mutants.ts';

/** A copy of the sources in which mutants are made, one at a time. */
export interface Workshop {
  /** Where the mutant's session is; throws where the text to replace is not there exactly once. */
  make(mutant: Mutant): string;
  [Symbol.dispose](): void;
}

export function workshop(): Workshop {
  const root = mkdtempSync(path.join(tmpdir(), 'sluice-mutants-'));
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'), 'dir');
  let made = 0;
  return {
    make({ name, file, search, replace }) {
      const dir = path.join(root, String((made += 1)));
      cpSync('src', dir, { recursive: true });
      const target = path.join(dir, file);
      const [before, after, ...more] = readFileSync(target, 'utf8').split(search);
      if (before === undefined || after === undefined || more.length > 0)
        throw new Error(`${name}: the text to replace is not in ${file} exactly once`);
      writeFileSync(target, before + replace + after);
      return pathToFileURL(path.join(dir, 'session/index.ts')).href;
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true });
    },
  };
}
