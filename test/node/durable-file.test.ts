import type { StoredSession } from 'sluice/session';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { fileCell } from '../../src/node/file-cell.ts';
import { emptyFolder } from './folder.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return { ...original, open: vi.fn(original.open) };
});

const first: StoredSession = { schema: 1, version: 1, owner: 'ada', generation: 1, tokens: '{}', by: 'test' };

it.each([
  ['syncs the directory of a session file after new tokens', { generation: 2 }, 1],
  [
    'does not sync the directory of a session file after a change of the lease only',
    { lease: { by: 'test', forMs: 1_000 } },
    0,
  ],
])('%s', async (_, change, times) => {
  const folder = await emptyFolder();
  const cell = fileCell(path.join(folder, 'session.json'));
  await cell.swap(0, first);
  vi.mocked(open).mockClear();
  expect(await cell.swap(1, { ...first, version: 2, ...change })).toBe(true);
  // A directory is opened for nothing else.
  expect(vi.mocked(open).mock.calls.filter(([opened]) => opened === folder)).toHaveLength(times);
});
