import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import type { Case } from './case.ts';
import { answerCases } from './cases/answers.ts';
import { nodeCases } from './cases/node.ts';
import { requests } from './cases/requests.ts';
import { differences } from './compare.ts';
import { type Deliberate, deliberate, type Seen } from './deliberate.ts';
import { whilePolluted } from './pollution.ts';
import { randomCase } from './random-cases.ts';
import { startRecordingServer, type RecordingServer } from './recording-server.ts';
import { pageOf } from './report.ts';
import { load, versions, type Version } from './versions.ts';
import { type Library, send, ways } from './ways.ts';

failOnUnhandled();
const page = 'docs/axios-differences.md';
const cases: readonly Case[] = [...requests, ...nodeCases, ...answerCases];
const adapters = ['http', 'fetch'] as const;
/** The number of requests at a time, enough to keep two cores busy. */
const AT_A_TIME = 24;

let server: RecordingServer;
const libraries = new Map<Version, Library>();
beforeAll(async () => {
  server = await startRecordingServer();
  for (const version of Object.keys(versions) as Version[]) libraries.set(version, await load(version));
});
afterAll(async () => {
  await server.close();
});

const sightings = new Map<Deliberate, Seen[]>(deliberate.map((one) => [one, []]));

/**
 * The differences of one request that are not intended.
 *
 * @param isNoted - whether the page lists the intended ones
 */
async function faults(given: Case, version: Version, adapter: string, isNoted = true): Promise<Seen[]> {
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
        if (!reason) unexplained.push(seen);
        else if (isNoted) sightings.get(reason)?.push(seen);
      }
    }
  }
  return unexplained;
}

async function faultsOfAll(version: Version, adapter: string): Promise<Seen[]> {
  const found: Seen[] = [];
  const left = cases.values();
  const work = async (): Promise<void> => {
    for (const given of left) found.push(...(await faults(given, version, adapter)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return found;
}

describe('compared with raw axios, an attached instance and a client', () => {
  it.each(['newest', 'oldest'].flatMap((version) => adapters.map((adapter) => [version as Version, adapter] as const)))(
    'send the same and return the same, with the %s version and the %s adapter',
    { timeout: 120_000 },
    async (version, adapter) => {
      expect(await faultsOfAll(version, adapter)).toEqual([]);
    },
  );

  it.each(adapters)(
    'send the same and return the same while Object.prototype is polluted, with the %s adapter',
    { timeout: 120_000 },
    async (adapter) => {
      // The oldest axios itself is not protected.
      expect(await whilePolluted(() => faultsOfAll('newest', adapter))).toEqual([]);
    },
  );

  it.each(adapters)(
    'send the same and return the same for random requests, with the %s adapter',
    { timeout: 120_000 },
    async (adapter) => {
      await fc.assert(
        fc.asyncProperty(randomCase, async (given) => {
          expect(await faults(given, 'newest', adapter, false)).toEqual([]);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('differ in everything that docs/axios-differences.md lists, and in nothing else', async () => {
    expect(deliberate.filter((one) => !sightings.get(one)?.length).map(({ what }) => what)).toEqual([]);
    const text = await format(pageOf(sightings, { cases: cases.length }), {
      ...(await resolveConfig(page)),
      filepath: page,
    });
    if (process.env['UPDATE_DIFFERENCES']) writeFileSync(page, text);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });
});
