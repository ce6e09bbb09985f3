/**
 * All contenders through all scenarios, in one process. `--small` only counts: few requests, and no time that means anything.
 * `--out <folder>` says where the results go.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contenders, rawAxios } from './contenders/index.ts';
import { orders } from './crowd.ts';
import { figure, interleaved } from './measure.ts';
import { countOverHttp } from './network/count.ts';
import { overHttp } from './network/over-http.ts';
import { startRemote } from './network/remote.ts';
import { plot } from './plot.ts';
import { report } from './report.ts';
import type { Results, Row } from './results.ts';
import { cancel } from './scenarios/cancel.ts';
import { duringRefresh } from './scenarios/during-refresh.ts';
import { heap } from './scenarios/heap.ts';
import { herd, sends } from './scenarios/herd.ts';
import { late } from './scenarios/late.ts';
import { roundFaults, rounds } from './scenarios/rounds.ts';
import { steady } from './scenarios/steady.ts';
import { entries, weigh } from './weight.ts';

const small = process.argv.includes('--small');
const out = process.argv.includes('--out')
  ? (process.argv[process.argv.indexOf('--out') + 1] ?? '')
  : fileURLToPath(new URL('results', import.meta.url));
const size = small
  ? {
      steady: 100,
      steadyRepeats: 1,
      herds: [1, 50],
      herdRepeats: 1,
      cancel: [50],
      rounds: 3,
      perRound: 20,
      heap: 100,
      http: 40,
      httpHerd: 20,
      httpRepeats: 1,
      count: { during: 40, rounds: 3, perRound: 20, cancel: 20 },
      loads: 1,
    }
  : {
      steady: 3000,
      steadyRepeats: 21,
      herds: [1, 10, 100, 1000, 10_000, 100_000],
      herdRepeats: 5,
      cancel: [1000, 10_000, 100_000],
      rounds: 100,
      perRound: 100,
      heap: 2000,
      http: 2000,
      httpHerd: 500,
      httpRepeats: 7,
      count: { during: 100, rounds: 100, perRound: 50, cancel: 500 },
      loads: 7,
    };
const say = (text: string): void => void process.stderr.write(`${text}\n`);
// Their errors belong to the measurement, and would drown it.
console.warn = () => undefined;
process.on('unhandledRejection', () => undefined);

const others = contenders.filter((contender) => contender !== rawAxios);
const rows = new Map<string, Row>(
  contenders.map(({ name, over }) => [name, { name, over, herds: {}, cancelling: {}, faults: {} }]),
);
const row = (name: string): Row => rows.get(name) as Row;
const fault = (name: string, scenario: string, found: readonly string[]): void => {
  if (found.length > 0) row(name).faults[scenario] = [...found];
};

say('steady state');
// Once for the compiler.
if (!small) await interleaved(contenders, 3, (contender) => steady(contender, size.steady));
const steadily = await interleaved(contenders, size.steadyRepeats, (contender) => steady(contender, size.steady));
const floor = steadily.get(rawAxios) ?? [];
for (const [{ name }, runs] of steadily) {
  row(name).steady = {
    microseconds: figure(runs.map(({ microseconds }) => microseconds)),
    ratio: figure(runs.map(({ microseconds }, i) => microseconds / (floor[i]?.microseconds ?? NaN))),
    bytes: figure(runs.map(({ bytes }) => bytes)),
  };
  fault(name, 'steady', runs.flatMap(({ faults }) => faults).slice(0, 1));
}

for (const n of size.herds) {
  say(`a herd of ${n}`);
  // Where 10,000 went wrong, or took seconds, 100,000 says nothing more.
  const able = others.filter(
    ({ name }) => n <= 10_000 || (row(name).herds['10000']?.milliseconds.median ?? Infinity) < 2500,
  );
  const repeats = n > 10_000 ? 1 : size.herdRepeats;
  const raw = await interleaved([n, 2 * n], repeats, (count) => sends(rawAxios, count));
  const rawOnce = figure(raw.get(n) ?? []).median;
  const rawTwice = figure(raw.get(2 * n) ?? []).median;
  for (const [{ name }, runs] of await interleaved(able, repeats, (contender) => herd(contender, n))) {
    row(name).herds[n] = {
      milliseconds: figure(runs.map(({ milliseconds }) => milliseconds)),
      whole: figure(runs.map(({ milliseconds }) => milliseconds / rawTwice)),
      resending: figure(runs.map(({ resending }) => resending / rawOnce)),
      lastResend: figure(runs.map(({ resending }) => resending)),
    };
    fault(name, `herd of ${n}`, runs[0]?.faults ?? []);
  }
}

say('requests that start during the refresh, late 401s, rounds');
for (const contender of others) {
  const { name } = contender;
  fault(name, 'during the refresh', await duringRefresh(contender, 100));
  fault(name, 'late 401', await late(contender));
  const gone = await rounds(contender, size.rounds, size.perRound);
  row(name).refreshesPerRound = gone.refreshesPerRound;
  fault(name, 'rounds', roundFaults(gone));
}

say('cancelling');
for (const n of size.cancel) {
  for (const order of orders) {
    const able = others.filter(({ name }) => n < 100_000 || row(name).herds['100000'] !== undefined);
    for (const contender of able) {
      const { microseconds, faults } = await cancel(contender, n, order);
      (row(contender.name).cancelling[order] ??= {})[n] = microseconds;
      fault(contender.name, `cancel ${n} ${order}`, faults);
    }
  }
}

say('heap');
for (const contender of others) row(contender.name).heap = await heap(contender, size.heap);

say('over HTTP');
const remote = startRemote();
const measured = await interleaved(contenders, size.httpRepeats, (contender) =>
  overHttp(contender, remote, size.http, size.httpHerd),
);
const floorOverHttp = measured.get(rawAxios) ?? [];
for (const [{ name }, runs] of measured) {
  row(name).http = {
    microseconds: figure(runs.map(({ microseconds }) => microseconds)),
    ratio: figure(runs.map(({ microseconds }, i) => microseconds / (floorOverHttp[i]?.microseconds ?? NaN))),
    herdMilliseconds: figure(runs.map(({ herdMilliseconds }) => herdMilliseconds)),
    lastResend: figure(runs.map(({ lastResend }) => lastResend)),
  };
  fault(name, 'herd over HTTP', runs[0]?.faults ?? []);
}

say('counting over HTTP');
for (const contender of others) {
  const { counted, faults } = await countOverHttp(contender, remote, size.count);
  row(contender.name).counted = counted;
  for (const [scenario, found] of Object.entries(faults)) fault(contender.name, scenario, found);
}
remote.stop();

say('weight');
for (const [name, entry] of Object.entries(entries)) row(name).weight = await weigh(entry, size.loads);

const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`,
  small,
  sizeOverHttp: { herd: size.httpHerd, ...size.count },
  rows: [...rows.values()],
};
await mkdir(out, { recursive: true });
await writeFile(path.join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
if (!small) await writeFile(path.join(out, 'results.svg'), plot(results));
process.stdout.write(`${report(results)}\n`);
// Some leave timers behind.
process.exit(0);
