import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { figure, interleaved, type Figure } from '../measure.ts';
import { readers, type Adapter, type Reader } from './readers.ts';

/** The results of live streams with one of axios's adapters. */
export interface StreamRow {
  readonly adapter: Adapter;
  /** Thousands of events a second, as fast as the server sends them. */
  readonly thousandsPerSecond: Record<keyof typeof readers, Figure>;
  /** The throughput of `eventStream` divided by that of the others. */
  readonly toBareParser: Figure;
  readonly toEventsourceParser: Figure;
  /**
   * The longest delay of a timer in milliseconds while events arrive without a pause, by the time that the subscriber takes for each event.
   */
  readonly longestWaitMs: { readonly none: number; readonly '20 µs': number };
  /** Live heap after each sixth of a stream of 10,000 events a second, in kB. */
  readonly heapKb: readonly number[];
  readonly faults: readonly string[];
}

const sizes = {
  small: { flood: 2_000, repeats: 1, warmUps: 0, waitFlood: 2_000, steadySeconds: 0.6 },
  full: { flood: 1_000_000, repeats: 15, warmUps: 2, waitFlood: 400_000, steadySeconds: 60 },
};
type Size = (typeof sizes)['small' | 'full'];

export async function streams(small: boolean, say: (text: string) => void): Promise<StreamRow[]> {
  const size = small ? sizes.small : sizes.full;
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  const url = `http://127.0.0.1:${port}`;
  const rows: StreamRow[] = [];
  for (const adapter of ['http', 'fetch'] as const) {
    say(`streams: throughput with the ${adapter} adapter`);
    const faults: string[] = [];
    const { rates, toBareParser, toEventsourceParser } = await throughput(url, adapter, size, faults);
    say(`streams: timers during a flood with the ${adapter} adapter`);
    const longestWaitMs = {
      none: await longestWait(url, adapter, size.waitFlood, 0),
      '20 µs': await longestWait(url, adapter, size.waitFlood / 4, 0.02),
    };
    say(`streams: heap at 10,000 events a second with the ${adapter} adapter`);
    const heapKb = await heapOver(url, adapter, size.steadySeconds, faults);
    rows.push({ adapter, thousandsPerSecond: rates, toBareParser, toEventsourceParser, longestWaitMs, heapKb, faults });
  }
  child.kill();
  return rows;
}

async function throughput(url: string, adapter: Adapter, size: Size, faults: string[]) {
  const names = Object.keys(readers) as (keyof typeof readers)[];
  const rateOf = async (name: keyof typeof readers): Promise<number> => {
    const start = performance.now();
    const count = await floodOf(readers[name], url, adapter, size.flood, () => undefined);
    if (count !== size.flood) faults.push(`${name}: ${count} of ${size.flood} events`);
    return count / (performance.now() - start);
  };
  await interleaved(names, size.warmUps, rateOf);
  const measured = await interleaved(names, size.repeats, rateOf);
  const own = measured.get('sluice') ?? [];
  const ratio = (name: keyof typeof readers): Figure =>
    figure((measured.get(name) ?? []).map((rate, i) => (own[i] ?? NaN) / rate));
  const rates = Object.fromEntries(names.map((name) => [name, figure(measured.get(name) ?? [])]));
  return {
    rates: rates as StreamRow['thousandsPerSecond'],
    toBareParser: ratio('bare parser'),
    toEventsourceParser: ratio('eventsource-parser 4'),
  };
}

async function floodOf(read: Reader, url: string, adapter: Adapter, events: number, work: () => void): Promise<number> {
  let count = 0;
  await read(`${url}/flood?count=${events}`, adapter, () => {
    count += 1;
    work();
    return true;
  });
  return count;
}

/** @param workMs - for how long the subscriber computes at each event */
async function longestWait(url: string, adapter: Adapter, events: number, workMs: number): Promise<number> {
  let [longest, isOver] = [0, false];
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const due = performance.now() + 5;
      await pause(5);
      longest = Math.max(longest, performance.now() - due);
    }
  };
  const watching = watch();
  await floodOf(readers.sluice, url, adapter, events, () => {
    if (workMs > 0) for (const end = performance.now() + workMs; performance.now() < end;);
  });
  isOver = true;
  await watching;
  return longest;
}

async function heapOver(url: string, adapter: Adapter, seconds: number, faults: string[]): Promise<number[]> {
  const heapKb: number[] = [];
  let [count, start] = [0, 0];
  await readers.sluice(`${url}/steady`, adapter, () => {
    count += 1;
    if (count === 1) start = performance.now();
    if (performance.now() - start < ((heapKb.length + 1) * seconds * 1000) / 6) return true;
    globalThis.gc?.();
    heapKb.push(process.memoryUsage().heapUsed / 1000);
    return heapKb.length < 6;
  });
  // A reader that is fast enough has received nearly all events that the server has sent by then. A small run ends before the stream has
  // reached its pace, so it is not checked.
  if (seconds > 1 && count < seconds * 10_000 * 0.8) faults.push(`${count} events of ${seconds * 10_000}`);
  return heapKb;
}
