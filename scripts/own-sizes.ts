// Prints what the parts cost that are useless without a client or a session: their total without that of the client or session.
import { spawnSync } from 'node:child_process';

interface Size {
  readonly name: string;
  readonly size: number;
}

/** The start of the name of a part's entry in package.json, and that of the entry which has all but the part. */
const parts = [
  ['sluice/operators: everything, with its session', 'sluice/session: createSession, retryOnUnauthorized'],
  ['sluice/devtools: ', 'sluice: everything'],
  ['sluice/streams: eventStream', 'sluice: createClient with createSession'],
  ['sluice/streams: everything', 'sluice: createClient with createSession'],
] as const;

const { stdout, stderr } = spawnSync('size-limit', ['--json'], { encoding: 'utf8' });
if (stdout === '') throw new Error(stderr);
const sizes = JSON.parse(stdout) as readonly Size[];

function sizeOf(start: string): number {
  const found = sizes.filter(({ name }) => name.startsWith(start));
  if (found.length !== 1) throw new Error(`${found.length} entries of size-limit begin with '${start}'; wanted: 1.`);
  return found[0]?.size ?? NaN;
}

console.log('Added to a client or a session:');
for (const [total, rest] of parts) {
  const kB = ((sizeOf(total) - sizeOf(rest)) / 1000).toFixed(2);
  console.log(`  ${kB.padStart(5)} kB  ${total.replace(/(: |, with its session)$/, '')}`);
}
