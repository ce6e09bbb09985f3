import type { Figure } from './measure.ts';
import type { Results, Row } from './results.ts';

const number = (value: number | undefined, digits = 2): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
const withSpread = (figure: Figure | undefined): string =>
  figure === undefined || Number.isNaN(figure.median) ? '–' : `${number(figure.median)} ± ${number(figure.spread)}`;
const kB = (bytes: number | undefined): string => number(bytes === undefined ? undefined : bytes / 1000, 1);

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ['', ({ name }) => name],
  ['steady, × raw axios', ({ steady }) => withSpread(steady?.ratio)],
  ['kB allocated', ({ steady }) => kB(steady?.bytes.median)],
  ['over HTTP, ×', ({ http }) => withSpread(http?.ratio)],
  ['herd of 10,000, ×', ({ herds }) => withSpread(herds['10000']?.whole)],
  ['resending it, ×', ({ herds }) => withSpread(herds['10000']?.resending)],
  ['refreshes a round', ({ refreshesPerRound }) => number(refreshesPerRound)],
  ['kB a waiter', ({ heap }) => kB(heap?.bytesPerWaiter)],
  ['µs to cancel one of 10,000', ({ cancelling }) => number(cancelling['at random']?.['10000'], 1)],
  ['kB to download', ({ weight }) => kB(weight?.bytes)],
  ['went wrong', (row) => wrong(row)],
];

/** Each fault once, with the first scenario in which it was seen. */
function wrong({ faults }: Row): string {
  const scenarios = Object.entries(faults);
  if (scenarios.length === 0) return 'nothing';
  return scenarios
    .slice(0, 3)
    .map(([scenario, found]) => `${scenario}: ${found.join(', ')}`)
    .concat(scenarios.length > 3 ? [`and in ${scenarios.length - 3} more`] : [])
    .join('; ');
}

/** What was measured, as Markdown. */
export function table({ rows, date, machine }: Results): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `Measured on ${date}: ${machine}. Medians, ± half of the distance between the quartiles.`,
    '',
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n');
}
