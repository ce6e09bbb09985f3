import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notApplicable, scenarioFiles, scenarios, sluice } from '../conformance/index.ts';

const report = readFileSync('docs/conformance.md', 'utf8');
/** The rows of the tables of scenarios: id, title, and a result for each library. */
const rows = [...report.matchAll(/^\| (\d+[a-z]?) \| (.*) \|$/gm)].map(([, id = '', rest = '']) => ({
  id,
  cells: rest.split(' | '),
}));

describe('The list of scenarios', () => {
  it('has every number from 1 to 65 except 37, which concerns another topic', () => {
    const numbers = new Set(scenarios.map(({ id }) => Number.parseInt(id, 10)));
    const missing = Array.from({ length: 65 }, (_, i) => i + 1).filter((n) => !numbers.has(n));
    expect(missing).toEqual([37]);
  });

  it('has no number twice', () => {
    expect(new Set(scenarios.map(({ id }) => id)).size).toBe(scenarios.length);
  });
});

describe('docs/conformance.md', () => {
  it('lists exactly the scenarios that exist, by their titles (otherwise: npm run conformance)', () => {
    expect(rows.map(({ id, cells }) => [id, cells[0]])).toEqual(scenarios.map(({ id, title }) => [id, title]));
  });

  it('shows that Sluice passes every scenario that applies to it', () => {
    const told = rows.map(({ cells }) => cells.slice(1, 1 + sluice.length));
    const expected = scenarios.map((scenario) =>
      sluice.map((library) => (notApplicable(scenario, library) === undefined ? 'pass' : 'n.a.')),
    );
    expect(told).toEqual(expected);
  });

  it('links to every file of scenarios', () => {
    for (const file of Object.keys(scenarioFiles)) expect(report).toContain(`(../test/conformance/scenarios/${file})`);
  });
});
