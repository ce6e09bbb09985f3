import type { Sent } from './answer.ts';
import type { Result } from './ways.ts';

/** One difference from raw axios. */
export interface Difference {
  readonly field: string;
  readonly raw: unknown;
  readonly sluice: unknown;
}

const withToken = ({ headers, ...sent }: Sent, token: string): Sent => ({
  ...sent,
  headers: headers.map(([name, value]) => [name, value === 'Bearer good' ? token : value] as const),
});
const carriesToken = ({ headers }: Sent): boolean => headers.some(([, value]) => value === 'Bearer good');

/** What the server should receive when the token is dead: the first send twice. */
function expected(raw: Result, isExpired: boolean): readonly Sent[] {
  const [first] = raw.sent;
  return isExpired && first && carriesToken(first) ? [withToken(first, 'Bearer dead'), ...raw.sent] : raw.sent;
}

/** The fields in which a result differs from that of raw axios. */
export function differences(raw: Result, sluice: Result, isExpired: boolean): Difference[] {
  const found: Difference[] = [];
  const compare = (field: string, ours: unknown, theirs: unknown): void => {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) found.push({ field, raw: theirs, sluice: ours });
  };
  const sent = expected(raw, isExpired);
  compare('requests', sluice.sent.length, sent.length);
  sent.forEach((theirs, n) => {
    const ours = sluice.sent[n];
    if (!ours) return;
    for (const field of ['method', 'url', 'body', 'isElsewhere'] as const)
      compare(`sent ${field}`, ours[field], theirs[field]);
    compare('sent headers', sorted(ours), sorted(theirs));
  });
  for (const field of new Set([...Object.keys(raw.outcome), ...Object.keys(sluice.outcome)]))
    compare(field, sluice.outcome[field], raw.outcome[field]);
  return found;
}

/** The order of these has no meaning. */
const sorted = ({ headers }: Sent): string[] => headers.map(([name, value]) => `${name}: ${value}`).sort();
