import type { Figure } from './measure.ts';
import type { Results, Row } from './results.ts';

const number = (value: number | undefined, digits = 2): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
const withSpread = (figure: Figure | undefined, digits = 2): string =>
  figure === undefined || Number.isNaN(figure.median)
    ? '–'
    : `${number(figure.median, digits)} ± ${number(figure.spread, digits)}`;
const kB = (bytes: number | undefined): string => number(bytes === undefined ? undefined : bytes / 1000, 1);
const count = (value: number | undefined): string => number(value, 0);

type Columns = readonly (readonly [string, (row: Row) => string])[];

const work: Columns = [
  ['', ({ name }) => name],
  ['steady, × raw axios', ({ steady }) => withSpread(steady?.ratio)],
  ['kB allocated', ({ steady }) => kB(steady?.bytes.median)],
  ['over HTTP, ×', ({ http }) => withSpread(http?.ratio)],
  ['herd of 10,000, ×', ({ herds }) => withSpread(herds['10000']?.whole)],
  ['resending it, ×', ({ herds }) => withSpread(herds['10000']?.resending)],
  ['refreshes a round', ({ refreshesPerRound }) => number(refreshesPerRound)],
  ['kB a waiter', ({ heap }) => kB(heap?.bytesPerWaiter)],
  ['µs to cancel one of 10,000', ({ cancelling }) => number(cancelling['at random']?.['10000'], 1)],
  ['went wrong', ({ faults }) => wrong(Object.entries(faults))],
];

const overHttp: Columns = [
  ['', ({ name }) => name],
  ['herd, ms', ({ http }) => withSpread(http?.herdMilliseconds, 1)],
  ['refresh to its last resend, ms', ({ http }) => withSpread(http?.lastResend, 1)],
  ['stale sends', ({ counted }) => count(counted?.duringRefresh.stale)],
  ['refreshes, one 401 late', ({ counted }) => count(counted?.late.refreshes)],
  ['refreshes a round', ({ counted }) => number(counted?.rounds.refreshesPerRound)],
  ['refresh tokens reused', ({ counted }) => count(counted?.rounds.reused)],
  ['resent, all but one left', ({ counted }) => resent(counted)],
  [
    'went wrong',
    ({ counted, faults }) =>
      counted ? wrong(Object.entries(faults).filter(([scenario]) => scenario.endsWith('over HTTP'))) : '–',
  ],
];

const once: Columns = [
  ['', ({ name }) => name],
  ['refresh to the last resend of 10,000, ms', ({ herds }) => withSpread(herds['10000']?.lastResend, 1)],
  ['start-up, ms', ({ weight }) => withSpread(weight?.startMilliseconds, 1)],
  ['bytes to download', ({ weight }) => count(weight?.bytes)],
];

/** The same in all orders, or each. */
function resent(counted: Row['counted']): string {
  const each = Object.values(counted?.cancelling ?? {}).map((cancelled) => cancelled.resent);
  return each.length === 0 ? '–' : [...new Set(each)].join(', ');
}

/** The first of what went wrong, and in how many scenarios more. */
function wrong(scenarios: readonly (readonly [string, readonly string[]])[]): string {
  if (scenarios.length === 0) return 'nothing';
  return scenarios
    .slice(0, 3)
    .map(([scenario, found]) => `${scenario}: ${found.join(', ')}`)
    .concat(scenarios.length > 3 ? [`and in ${scenarios.length - 3} more`] : [])
    .join('; ');
}

function table(columns: Columns, rows: readonly Row[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ];
}

/** What was measured, as Markdown. */
export function report({ rows, date, machine, sizeOverHttp: size }: Results): string {
  return [
    `Measured on ${date}: ${machine}. Medians, ± half of the distance between the quartiles.`,
    '',
    ...table(work, rows),
    '',
    `Over HTTP, counted by a server in another process: a herd of ${size.herd}; ${size.during} requests, half of them started during the`,
    `refresh; a 401 that comes after it; ${size.rounds} rounds of ${size.perRound}, each refresh token good for once; ${size.cancel - 1} of ${size.cancel} waiters cancelled.`,
    '',
    ...table(overHttp, rows),
    '',
    'Start-up is to load the bundle, minified, beside axios, rxjs and Angular; to download is what of it is left by brotli.',
    '',
    ...table(once, rows),
  ].join('\n');
}
