import { afterAll, beforeAll } from 'vitest';
import type { Case } from './case.ts';
import { answerCases } from './cases/answers.ts';
import { nodeCases } from './cases/node.ts';
import { requests } from './cases/requests.ts';
import { differences } from './compare.ts';
import { type Deliberate, deliberate, type Seen } from './deliberate.ts';
import { startRecordingServer, type RecordingServer } from './recording-server.ts';
import { load, versions, type Version } from './versions.ts';
import { type Library, send, ways } from './ways.ts';

export const cases: readonly Case[] = [...requests, ...nodeCases, ...answerCases];
export const adapters = ['http', 'fetch'] as const;
/** The number of requests at a time, enough to keep two cores busy. */
const AT_A_TIME = 24;

/** Sends requests by raw axios and by every way of Sluice, and looks for differences. */
export interface Differential {
  /** The intended differences that were seen. */
  readonly sightings: ReadonlyMap<Deliberate, readonly Seen[]>;
  /** The differences of one request that are not intended. */
  readonly faults: (given: Case, version: Version, adapter: string) => Promise<Seen[]>;
  readonly faultsOfAll: (version: Version, adapter: string) => Promise<Seen[]>;
}

/** To be called at the top of a file of tests: the server and the libraries are there while the tests run. */
export function useDifferential(): Differential {
  let server: RecordingServer;
  const libraries = new Map<Version, Library>();
  const sightings = new Map<Deliberate, Seen[]>(deliberate.map((one) => [one, []]));
  beforeAll(async () => {
    server = await startRecordingServer();
    for (const version of Object.keys(versions) as Version[]) libraries.set(version, await load(version));
  });
  afterAll(async () => {
    await server.close();
  });

  const faults: Differential['faults'] = async (given, version, adapter) => {
    const library = libraries.get(version);
    if (!library) throw new Error(`There is no ${version} axios.`);
    const raw = await send(library, server, given, { way: 'raw', adapter, isExpired: false });
    const unexplained: Seen[] = [];
    for (const way of ways) {
      for (const isExpired of [false, true]) {
        const result = await send(library, server, given, { way, adapter, isExpired });
        for (const difference of differences(raw, result, isExpired)) {
          const seen = { ...difference, way, isExpired, name: given.name, version, adapter };
          const reason = deliberate.find((one) => one.explains(seen));
          if (reason) sightings.get(reason)?.push(seen);
          else unexplained.push(seen);
        }
      }
    }
    return unexplained;
  };

  const faultsOfAll: Differential['faultsOfAll'] = async (version, adapter) => {
    const found: Seen[] = [];
    const left = cases.values();
    const work = async (): Promise<void> => {
      for (const given of left) found.push(...(await faults(given, version, adapter)));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return found;
  };
  return { sightings, faults, faultsOfAll };
}
