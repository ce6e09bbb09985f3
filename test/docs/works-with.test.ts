import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { differences, type Finding, page, readPage, rowsOf } from '../consumers/works-with-page.ts';

const finding = (tool: string, how: string, version: string = '1.2.3'): Finding => ({
  claim: { section: 'Test runners', tool, how, version },
});

it('docs/works-with.md has the form in which the reporter of `npm run test:consumers` writes it', () => {
  const rows = readPage(readFileSync('docs/works-with.md', 'utf8'));
  expect(rows.length).toBeGreaterThan(0);
  expect(readPage(page(rows))).toEqual(rows);
});

it('docs/works-with.md has one row for each tool, with all ways in which the tool was tried', () => {
  const rows = rowsOf(
    [finding('Jest 29', 'node'), finding('Jest 29', 'jsdom'), finding('Jest 30', 'node')],
    '2026-01-02',
  );
  expect(readPage(page(rows))).toEqual([
    { section: 'Test runners', tool: 'Jest 29', versions: '1.2.3', how: 'node; jsdom', date: '2026-01-02' },
    { section: 'Test runners', tool: 'Jest 30', versions: '1.2.3', how: 'node', date: '2026-01-02' },
  ]);
});

it('a run of `npm run test:consumers` differs from docs/works-with.md by a tool or a way to use it, not by a version or by what could not be tried', () => {
  const written = rowsOf([finding('Jest 29', 'node'), finding('Bun 1', 'import')], '2026-01-02');
  const bun: Finding = { claim: { section: 'Runtimes', tool: 'Bun 1', how: 'import' }, notRun: 'no binary' };
  const again = rowsOf([finding('Jest 29', 'node', '1.2.4'), bun], '2026-03-04');
  expect(differences(again, written, true)).toEqual([]);
  const other = rowsOf([finding('Jest 29', 'jsdom'), finding('Jest 30', 'node')], '2026-03-04');
  expect(differences(other, written, false)).toEqual(['+ Jest 29: jsdom', '+ Jest 30: node']);
  expect(differences(other, written, true)).toContain('- Bun 1: import');
});
