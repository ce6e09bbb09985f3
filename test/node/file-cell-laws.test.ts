import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cellLaws } from 'sluice/testing';
import { afterAll, describe, it } from 'vitest';
import { fileCell } from '../../src/node/file-cell.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-laws-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Half of the holders come by a link to the folder, which must not give them a lock of their own. */
const link = path.join(folder, 'link');
symlinkSync(folder, link);
let opened = 0;

describe('a file as a cell', () => {
  const open = (key: string): ReturnType<typeof fileCell> => {
    opened += 1;
    return fileCell(path.join(opened % 2 ? folder : link, `${key}.json`));
  };
  const laws = cellLaws(open, { leaseMs: 1_200 });
  for (const { title, check } of laws) it(title, check);
});
