import { contenders, rawAxios } from './contenders/index.ts';
import { orders } from './crowd.ts';
import { figure, interleaved } from './measure.ts';
import { countOverHttp } from './network/count.ts';
import { overHttp } from './network/over-http.ts';
import { startRemote, type Remote } from './network/remote.ts';
import type { Row, Warm } from './results.ts';
import { cancel } from './scenarios/cancel.ts';
import { duringRefresh } from './scenarios/during-refresh.ts';
import { heap } from './scenarios/heap.ts';
import { herd, sends } from './scenarios/herd.ts';
import { late } from './scenarios/late.ts';
import { roundFaults, rounds } from './scenarios/rounds.ts';
import { steady } from './scenarios/steady.ts';

const sizes = {
  small: {
    steady: 100,
    steadyWarmUps: 0,
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
  },
  full: {
    steady: 3000,
    steadyWarmUps: 3,
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
  },
};
type Size = (typeof sizes)['small' | 'full'];

const others = contenders.filter((contender) => contender !== rawAxios);
const rows = new Map<string, Row>(
  contenders.map(({ name, over }) => [name, { name, over, herds: {}, cancelling: {}, faults: {} }]),
);
const row = (name: string): Row => rows.get(name) as Row;
const fault = (name: string, scenario: string, found: readonly string[]): void => {
  if (found.length > 0) row(name).faults[scenario] = [...found];
};

/** Runs all contenders through all scenarios in this process, whose compiler has optimised them by then. */
export async function warm(small: boolean, say: (text: string) => void): Promise<Pick<Warm, 'rows' | 'sizeOverHttp'>> {
  const size = small ? sizes.small : sizes.full;
  say('steady state');
  await steadily(size);
  for (const n of size.herds) {
    say(`a herd of ${n}`);
    await herds(n, size);
  }
  say('requests that start during the refresh, late 401s, rounds');
  await refreshes(size);
  say('cancelling');
  await cancelling(size);
  say('heap');
  for (const contender of others) row(contender.name).heap = await heap(contender, size.heap);
  const remote = startRemote();
  say('over HTTP');
  await throughHttp(remote, size);
  say('counting over HTTP');
  await counting(remote, size);
  remote.stop();
  return { sizeOverHttp: { herd: size.httpHerd, ...size.count }, rows: [...rows.values()] };
}

async function steadily(size: Size): Promise<void> {
  await interleaved(contenders, size.steadyWarmUps, (contender) => steady(contender, size.steady));
  const measured = await interleaved(contenders, size.steadyRepeats, (contender) => steady(contender, size.steady));
  const floor = measured.get(rawAxios) ?? [];
  for (const [{ name }, runs] of measured) {
    row(name).steady = {
      microseconds: figure(runs.map(({ microseconds }) => microseconds)),
      ratio: figure(runs.map(({ microseconds }, i) => microseconds / (floor[i]?.microseconds ?? NaN))),
      bytes: figure(runs.map(({ bytes }) => bytes)),
    };
    fault(name, 'steady', runs.flatMap(({ faults }) => faults).slice(0, 1));
  }
}

async function herds(n: number, size: Size): Promise<void> {
  // A contender that went wrong with 10,000 requests, or took seconds for them, tells nothing more with 100,000.
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

async function refreshes(size: Size): Promise<void> {
  for (const contender of others) {
    const { name } = contender;
    fault(name, 'during the refresh', await duringRefresh(contender, 100));
    fault(name, 'late 401', await late(contender));
    const gone = await rounds(contender, size.rounds, size.perRound);
    row(name).refreshesPerRound = gone.refreshesPerRound;
    fault(name, 'rounds', roundFaults(gone));
  }
}

async function cancelling(size: Size): Promise<void> {
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
}

async function throughHttp(remote: Remote, size: Size): Promise<void> {
  const measured = await interleaved(contenders, size.httpRepeats, (contender) =>
    overHttp(contender, remote, size.http, size.httpHerd),
  );
  const floor = measured.get(rawAxios) ?? [];
  for (const [{ name }, runs] of measured) {
    row(name).http = {
      microseconds: figure(runs.map(({ microseconds }) => microseconds)),
      ratio: figure(runs.map(({ microseconds }, i) => microseconds / (floor[i]?.microseconds ?? NaN))),
      herdMilliseconds: figure(runs.map(({ herdMilliseconds }) => herdMilliseconds)),
      lastResend: figure(runs.map(({ lastResend }) => lastResend)),
    };
    fault(name, 'herd over HTTP', runs[0]?.faults ?? []);
  }
}

async function counting(remote: Remote, size: Size): Promise<void> {
  for (const contender of others) {
    const { counted, faults } = await countOverHttp(contender, remote, size.count);
    row(contender.name).counted = counted;
    for (const [scenario, found] of Object.entries(faults)) fault(contender.name, scenario, found);
  }
}
