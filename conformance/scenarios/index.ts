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

export const sections: readonly Section[] = [
  coalescing,
  refreshFailures,
  refusals,
  loops,
  sessionRaces,
  cancellation,
  fidelity,
  leakage,
  sharing,
  protocol,
];

export const scenarios: readonly Scenario[] = sections.flatMap((section) => section.scenarios);
