import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { perform, scenarios, sharedCells, sluice } from '../../conformance/index.ts';
import { type Engine, type EngineName, openCell, startEngine } from './engines.ts';

/** The scenarios of the conformance table that need a shared store, on a real engine. */
export function describeConformance(name: EngineName): void {
  const library = sluice[0]!;
  let engine: Engine;
  let opened: { close(): void }[] = [];
  beforeAll(async () => {
    engine = await startEngine(name);
  });
  afterAll(() => engine.close());
  afterEach(() => {
    for (const { close } of opened) close();
    opened = [];
  });

  describe(`The ${library.name} on a ${name} passes the scenario`, () => {
    const wanted = scenarios.filter(({ needs = [] }) => needs.includes('shared-store'));
    it.each(wanted.map((scenario) => [scenario.id, scenario.title, scenario] as const))(
      '%s of docs/conformance.md: %s',
      { timeout: 30_000 },
      async (_id, _title, scenario) => {
        const sites = new Map<string, ReturnType<Engine['site']>>();
        const stores = sharedCells(
          () => {
            const site = engine.site();
            const key = `${site.where} ${site.key}`;
            sites.set(key, site);
            return key;
          },
          async (key) => {
            const its = await openCell(name, sites.get(key)!);
            opened.push(its);
            return its.cell;
          },
        );
        await perform(scenario, library, stores);
      },
    );
  });
}
