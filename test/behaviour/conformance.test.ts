import { describe, it } from 'vitest';
import { notApplicable, perform, scenarios, sluice } from '../conformance/index.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();

describe.each(sluice.map((library) => [library.name, library] as const))(
  'The %s passes the scenario',
  (_name, library) => {
    const applicable = scenarios.filter((scenario) => notApplicable(scenario, library) === undefined);

    it.each(applicable.map((scenario) => [scenario.id, scenario.title, scenario] as const))(
      '%s of docs/conformance.md: %s',
      { timeout: 60_000 },
      (_id, _title, scenario) => perform(scenario, library),
    );
  },
);
