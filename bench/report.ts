import { coldMarks, type ColdFigure, type ColdRow } from './cold/cold.ts';
import type { Figure } from './measure.ts';
import type { Cold, LiveStreams, Measured, Results, Row, Stores, Warm, Weights } from './results.ts';
import type { StoreRow } from './stores/stores.ts';
import type { StreamRow } from './streams/streams.ts';
import type { WeightRow } from './weight.ts';

const number = (value: number | undefined, digits = 2): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
const withSpread = (figure: Figure | undefined, digits = 2): string =>
  figure === undefined || Number.isNaN(figure.median)
    ? '–'
    : `${number(figure.median, digits)} ± ${number(figure.spread, digits)}`;
const kB = (bytes: number | undefined): string => number(bytes === undefined ? undefined : bytes / 1000, 1);
const count = (value: number | undefined): string => number(value, 0);

type Columns<R> = readonly (readonly [string, (row: R) => string])[];

const work: Columns<Row> = [
  ['', ({ name }) => name],
  ['steady, × raw axios', ({ steady }) => withSpread(steady?.ratio)],
  ['kB allocated', ({ steady }) => kB(steady?.bytes.median)],
  ['over HTTP, ×', ({ http }) => withSpread(http?.ratio)],
  ['herd of 10,000, × raw axios', ({ herds }) => withSpread(herds['10000']?.whole)],
  ['its resends, × raw axios', ({ herds }) => withSpread(herds['10000']?.resending)],
  ['refresh to its last resend, ms', ({ herds }) => withSpread(herds['10000']?.lastResend, 1)],
  ['refreshes per expiry', ({ refreshesPerRound }) => number(refreshesPerRound)],
  ['kB a waiter', ({ heap }) => kB(heap?.bytesPerWaiter)],
  ['µs to cancel one of 10,000', ({ cancelling }) => number(cancelling['at random']?.['10000'], 1)],
  ['went wrong', ({ faults }) => wrong(Object.entries(faults))],
];

const overHttp: Columns<Row> = [
  ['', ({ name }) => name],
  ['herd, ms', ({ http }) => withSpread(http?.herdMilliseconds, 1)],
  ['refresh to its last resend, ms', ({ http }) => withSpread(http?.lastResend, 1)],
  ['stale sends', ({ counted }) => count(counted?.duringRefresh.stale)],
  ['refreshes, one 401 late', ({ counted }) => count(counted?.late.refreshes)],
  ['refreshes per expiry', ({ counted }) => number(counted?.rounds.refreshesPerRound)],
  ['refresh tokens reused', ({ counted }) => count(counted?.rounds.reused)],
  ['resent, all but one left', ({ counted }) => resent(counted)],
  [
    'went wrong',
    ({ counted, faults }) =>
      counted ? wrong(Object.entries(faults).filter(([scenario]) => scenario.endsWith('over HTTP'))) : '–',
  ],
];

const byWeight: Columns<WeightRow> = [
  ['', ({ name }) => name],
  ['start-up, ms', ({ startMilliseconds }) => withSpread(startMilliseconds, 1)],
  ['bytes to download', ({ bytes }) => count(bytes)],
];

const first = (n: number): readonly [string, (row: ColdRow) => string] => [
  n === 1 ? 'request 1, × raw axios' : `first ${n.toLocaleString('en')}, ×`,
  ({ requests }) => withSpread(requests[n]?.toRaw),
];
const milliseconds = (of: ColdFigure | undefined): string => withSpread(of?.milliseconds, 1);

const fresh: Columns<ColdRow> = [
  ['', ({ name }) => name],
  ['import to first send, ms', ({ start }) => milliseconds(start)],
  ['× raw axios', ({ start }) => withSpread(start.toRaw)],
  ...coldMarks.map(first),
  ['first 300, ms', ({ requests }) => milliseconds(requests['300'])],
  ['first 300, × bare Observable', ({ requests }) => withSpread(requests['300']?.toBare)],
  ['import and first 300, × raw axios', ({ whole }) => withSpread(whole['300']?.toRaw)],
  ['went wrong', ({ faults }) => (faults.length > 0 ? faults.join(', ') : 'nothing')],
];

const live: Columns<StreamRow> = [
  ['adapter', ({ adapter }) => adapter],
  ['thousand events a second', ({ thousandsPerSecond }) => count(thousandsPerSecond.sluice.median)],
  ['÷ bare parser', ({ toBareParser }) => withSpread(toBareParser)],
  ['÷ eventsource-parser 4', ({ toEventsourceParser }) => withSpread(toEventsourceParser)],
  ['longest wait of a timer, ms', ({ longestWaitMs }) => number(longestWaitMs.none, 1)],
  ['with 20 µs of work an event', ({ longestWaitMs }) => number(longestWaitMs['20 µs'], 1)],
  ['live heap after each sixth of the stream, MB', ({ heapKb }) => heapKb.map((kb) => number(kb / 1000, 1)).join(', ')],
  ['went wrong', ({ faults }) => (faults.length > 0 ? faults.join(', ') : 'nothing')],
];

/** How many requests were resent after cancelling: one number if it is the same in all orders, else one for each order. */
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

function table<R>(columns: Columns<R>, rows: readonly R[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ];
}

const measured = ({ date, machine }: Measured): string =>
  `Measured on ${date}: ${machine}. Medians, ± half of the distance between the quartiles.`;

function warmReport(warm: Warm): string[] {
  const { rows, sizeOverHttp: size } = warm;
  return [
    `**Warm**: all contenders in one process, after the compiler has optimised them. A herd is 10,000 requests at once whose token is dead. Each is sent twice, so the herd's time is divided by that of 20,000 requests of raw axios, and the time of its resends by that of 10,000. ${measured(warm)}`,
    '',
    ...table(work, rows),
    '',
    `Over HTTP, with a server in another process, which counts the sends and refreshes it receives: a herd of ${size.herd}; ${size.during} requests, half of them started during the`,
    `refresh; a 401 that comes after it; ${size.rounds} rounds of ${size.perRound}, each refresh token good for once; ${size.cancel - 1} of ${size.cancel} waiters cancelled.`,
    '',
    ...table(overHttp, rows),
  ];
}

function weightReport(weights: Weights): string[] {
  return [
    '**Weight**: start-up is the time to load the minified bundle; bytes to download is its size after brotli. Neither includes axios, rxjs and Angular.',
    measured(weights),
    '',
    ...table(byWeight, weights.rows),
  ];
}

function coldReport(cold: Cold): string[] {
  return [
    `**Cold**: each contender in fresh processes (${cold.processes} each), from the import of its module on; its requests follow each other and`,
    `are counted in CPU time of the main thread. ${measured(cold)}`,
    '',
    ...table(fresh, cold.rows),
  ];
}

const perStore: Columns<StoreRow> = [
  ['store', ({ name }) => name],
  ['added to a refresh, ms', ({ added, missing }) => (missing === undefined ? withSpread(added) : 'not measured')],
  ['the whole refresh, ms', ({ milliseconds, missing }) => missing ?? withSpread(milliseconds)],
];

/** The results of the stores as Markdown. */
export function storesReport(stores: Stores): string {
  const { rows, repeats, load, manySessions: many } = stores;
  const sessions =
    typeof many === 'string'
      ? [`Sessions on Redis were not measured: ${many}`]
      : [
          `${many.sessions.toLocaleString('en')} signed-in sessions on Redis in one process take ${kB(many.bytesOnRedis)} kB each, in memory ${kB(many.bytesInMemory)} kB. Together they add`,
          `${count(many.connections[1] - many.connections[0])} to the connections of the app's own client, and ${count(many.timers[1] - many.timers[0])} timers.`,
        ];
  return [
    measured(stores),
    `${repeats} refreshes of each store, in turns; the load of the machine was ${number(load, 1)} before.`,
    ...(load > 0.5
      ? [
          '**Other programs were running, so these times are too long.** A run on a machine with nothing else to do is wanted.',
        ]
      : []),
    '',
    ...table(perStore, rows),
    '',
    ...sessions,
  ].join('\n');
}

function liveReport(streams: LiveStreams): string[] {
  return [
    '**Streams**: `eventStream` reads server-sent events as fast as a server in another process sends them. Its throughput is divided by that of its parser alone, and by that of eventsource-parser, both on the body that axios gives; higher is better. The heap is measured during a minute of 10,000 events a second.',
    `${measured(streams)} The load average was ${streams.load.toFixed(1)} before.`,
    '',
    ...table(live, streams.rows),
  ];
}

/** The results as Markdown. */
export function report({ cold, weights, streams, ...warm }: Results): string {
  const parts = [
    ...(warm.rows.length > 0 ? [warmReport(warm)] : []),
    ...(cold ? [coldReport(cold)] : []),
    ...(weights ? [weightReport(weights)] : []),
    ...(streams ? [liveReport(streams)] : []),
  ];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}
