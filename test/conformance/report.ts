import axios from 'axios';
import type { Library } from './driver.ts';
import type { Result, Scenario, Section } from './scenario.ts';

/** The results of one library. */
export interface Run {
  readonly library: Library;
  /** By scenario. */
  readonly results: ReadonlyMap<string, Result>;
  /** The number of errors and rejections that nothing handled. */
  readonly unhandled: number;
}

const words: Record<Result['kind'], string> = { pass: 'pass', fail: 'FAIL', hangs: 'HANGS', 'not applicable': 'n.a.' };

const wordOf = (run: Run, { id }: Scenario): string => words[run.results.get(id)?.kind ?? 'not applicable'];

function count({ results }: Run, kind: Result['kind']): number {
  return [...results.values()].filter((result) => result.kind === kind).length;
}

/** The table for a terminal, with the scenarios that were run. */
export function matrix(sections: readonly Section[], runs: readonly Run[]): string {
  const widths = runs.map(({ library }) => Math.max(library.name.length, 5));
  const line = (id: string, cells: readonly string[], title: string): string =>
    [id.padStart(4), ...cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)), title].join('  ');
  const ran = ({ id }: Scenario): boolean => runs.some(({ results }) => results.has(id));
  const lines = [line('', runs.map(({ library }) => library.name), '')]; // prettier-ignore
  for (const { title, scenarios } of sections) {
    if (!scenarios.some(ran)) continue;
    lines.push('', title);
    for (const scenario of scenarios.filter(ran)) {
      const cells = runs.map((run) => wordOf(run, scenario));
      lines.push(line(scenario.id, cells, scenario.title));
    }
  }
  return [...lines, '', ...runs.map(total)].join('\n');
}

function total(run: Run): string {
  const { name, version } = run.library;
  const counts = (['pass', 'fail', 'hangs', 'not applicable'] as const).map(
    (kind) => `${String(count(run, kind))} ${kind}`,
  );
  return `${name} ${version}: ${counts.join(', ')}`;
}

/** Removes what differs from run to run, such as ports and tokens, so that the report changes only with a result. */
function told(why: string): string {
  const plain = why
    .replace(/\s+/g, ' ')
    .replace(/https?:\/\/127\.0\.0\.1:\d+/g, '')
    .replace(/waited \d+ ms for (.*); seen: .*/, 'waited in vain for $1')
    .replace(/\d+ ms\b/g, 'some ms')
    .replace(/herd=\d+&/g, '')
    .replace(/access\d+-\w+-[0-9a-f]{8,}|refresh-\w+-[0-9a-f]{8,}/g, '(token)')
    .replace(/([|<>])/g, '\\$1');
  return plain.length > 160 ? `${plain.slice(0, 160)}…` : plain;
}

/** The text of `docs/conformance.md`. */
export function markdown(files: Readonly<Record<string, Section>>, runs: readonly Run[], date: string): string {
  const names = runs.map(({ library }) => library.name);
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const rule = (n: number): string => row(Array<string>(n).fill('---'));
  const lines = [
    '# Conformance',
    '',
    `Written by \`npm run conformance\` on ${date}, with Node ${process.versions.node} and axios ${axios.VERSION}; not by hand.`,
    '',
    ...introduction,
    '',
    row(['library', 'version', 'pass', 'fail', 'hangs', 'n.a.', 'errors left to nobody']),
    rule(7),
    ...runs.map((run) =>
      row([
        run.library.name,
        run.library.version,
        count(run, 'pass'),
        count(run, 'fail'),
        count(run, 'hangs'),
        count(run, 'not applicable'),
        run.unhandled,
      ]),
    ),
  ];
  for (const [file, { title, scenarios }] of Object.entries(files)) {
    lines.push(
      '',
      `## ${title}`,
      '',
      `[test/conformance/scenarios/${file}](../test/conformance/scenarios/${file})`,
      '',
    );
    lines.push(row(['scenario', 'test', ...names]), rule(names.length + 2));
    for (const scenario of scenarios)
      lines.push(row([scenario.id, scenario.title, ...runs.map((run) => wordOf(run, scenario))]));
  }
  lines.push('', '## What went wrong', '');
  for (const run of runs) {
    const wrong = [...run.results].flatMap(([id, result]) =>
      result.kind === 'fail' || result.kind === 'hangs' ? [`- ${id}: ${told(result.why)}`] : [],
    );
    if (wrong.length > 0) lines.push(`**${run.library.name}**`, '', ...wrong, '');
  }
  lines.push('## What does not apply', '');
  for (const run of runs) {
    const reasons = new Map<string, string[]>();
    for (const [id, result] of run.results)
      if (result.kind === 'not applicable') reasons.set(result.why, [...(reasons.get(result.why) ?? []), id]);
    if (reasons.size === 0) continue;
    lines.push(`**${run.library.name}**`, '');
    lines.push(...[...reasons].map(([why, ids]) => `- ${ids.join(', ')}: ${why}`), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const introduction = [
  'Each row is a test over a real HTTP server that rotates refresh tokens and revokes a sign-in when one is used again. It looks at what',
  'the server saw and at what each caller got, never inside a library. A library is driven by a driver,',
  '`(server, tokens) => { request, signIn, signOut, tokens }`; those of Sluice are in',
  '[test/conformance/drivers](../test/conformance/drivers), those of others in [test/conformance/peers](../test/conformance/peers),',
  'set up as their own documentation says. Where a library lacks what a scenario is about, the scenario does not apply; the reasons',
  'are at the end. `npm test` runs the rows of Sluice ([conformance.test.ts](../test/behaviour/conformance.test.ts)).',
  '',
  'The numbers are those of a list of 65 ways in which token refresh fails; a letter tells the sides of one apart. Not here: 37 (whose ID',
  'token it is: Sluice reads none), the DPoP half of 64, and of 51 the XSRF cookie, which only a browser has. Those that need a shared',
  'store (36, 57, 58a, 58b, 59, 60b, 62, 63b) run here on one in memory. `npm run test:sharing` runs them on a file, on Redis, on',
  'PostgreSQL, and in tabs of Chromium and Firefox (58a not with Web Locks). Its sessions are in one Node process, each on a connection of',
  'its own, or on the cell of `webStore()` in a tab of its own.',
];
