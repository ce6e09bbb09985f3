import type { Scenario, Section } from '../scenario.ts';
import { cancellation } from './cancellation.ts';
import { coalescing } from './coalescing.ts';
import { fidelity } from './fidelity.ts';
import { leakage } from './leakage.ts';
import { loops } from './loops.ts';
import { protocol } from './protocol.ts';
import { refreshFailures } from './refresh-failures.ts';
import { refusals } from './refusals.ts';
import { sessionRaces } from './session-races.ts';
import { sharing } from './sharing.ts';

/** By file. */
export const scenarioFiles: Readonly<Record<string, Section>> = {
  'coalescing.ts': coalescing,
  'refresh-failures.ts': refreshFailures,
  'refusals.ts': refusals,
  'loops.ts': loops,
  'session-races.ts': sessionRaces,
  'cancellation.ts': cancellation,
  'fidelity.ts': fidelity,
  'leakage.ts': leakage,
  'sharing.ts': sharing,
  'protocol.ts': protocol,
};

export const scenarios: readonly Scenario[] = Object.values(scenarioFiles).flatMap((section) => section.scenarios);
