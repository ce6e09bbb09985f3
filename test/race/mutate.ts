import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutant } from './mutant.ts';

/** Copies of the project in which mutants are made, each in its own folder. */
export interface Workshop {
  readonly root: string;
  /** The entry of the mutant's session; throws unless the text to replace occurs exactly once. */
  make(this: void, mutant: Mutant): string;
  /** A folder with the sources, the tests of sessions and of requests, and this mutant if there is one. */
  makeTested(this: void, mutant?: Mutant): string;
  [Symbol.dispose](): void;
}

export function workshop(): Workshop {
  const root = mkdtempSync(path.join(tmpdir(), 'sluice-mutants-'));
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'), 'dir');
  let made = 0;
  const copy = (...folders: string[]): string => {
    const dir = path.join(root, String((made += 1)));
    mkdirSync(dir);
    for (const folder of folders) cpSync(folder, path.join(dir, folder), { recursive: true });
    return dir;
  };
  return {
    root,
    make(mutant) {
      const dir = copy('src');
      mutate(dir, mutant);
      return pathToFileURL(path.join(dir, 'src/session/index.ts')).href;
    },
    makeTested(mutant) {
      const dir = copy('src', 'package.json', 'test/session', 'test/http', 'test/support');
      if (mutant) mutate(dir, mutant);
      return dir;
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true });
    },
  };
}

function mutate(dir: string, { name, file, search, replace }: Mutant): void {
  const target = path.join(dir, 'src', file);
  const [before, after, ...more] = readFileSync(target, 'utf8').split(search);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${name}: the text to replace is not in ${file} exactly once`);
  writeFileSync(target, before + replace + after);
}
