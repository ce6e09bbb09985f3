import * as sluice from 'sluice';
import axios from 'axios';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { recordsPath, type Sent } from '../differential/answer.ts';
import type { Case } from '../differential/case.ts';
import { answerCases } from '../differential/cases/answers.ts';
import { bodyCases, platformBodies } from '../differential/cases/bodies.ts';
import { requests } from '../differential/cases/requests.ts';
import { differences } from '../differential/compare.ts';
import { deliberate, type Seen } from '../differential/deliberate.ts';
import type { RecordingServer } from '../differential/recording-server.ts';
import { send, ways } from '../differential/ways.ts';
import { failOnUnhandled } from './unhandled.ts';
import type {} from './server.ts';

failOnUnhandled();

/** Cases with a broken connection are left out, because browsers may repeat such requests themselves. */
const cases: readonly Case[] = [...requests, ...bodyCases(platformBodies), ...answerCases].filter(
  ({ name }) => !name.startsWith('connection'),
);

let server: RecordingServer;
beforeAll(async () => {
  const { url, elsewhere } = await commands.openRecordingServer();
  server = {
    url,
    elsewhere,
    sentIn: async (run) => (await (await fetch(url + recordsPath(run))).json()) as readonly Sent[],
    close: () => commands.closeRecordingServer(url),
  };
});
afterAll(async () => {
  await server.close();
});

async function faults(given: Case): Promise<Seen[]> {
  const library = { axios, sluice };
  const adapter = 'xhr';
  const raw = await send(library, server, given, { way: 'raw', adapter, isExpired: false });
  const found: Seen[] = [];
  for (const way of ways) {
    for (const isExpired of [false, true]) {
      const result = await send(library, server, given, { way, adapter, isExpired });
      for (const difference of differences(raw, result, isExpired)) {
        const seen = { ...difference, way, isExpired, name: given.name, version: 'newest', adapter } as const;
        if (!deliberate.some((one) => one.explains(seen))) found.push(seen);
      }
    }
  }
  return found;
}

it('over XHR, an attached instance and a client differ from axios only as intended', { timeout: 180_000 }, async () => {
  const found: Seen[] = [];
  const left = cases.values();
  const work = async (): Promise<void> => {
    for (const given of left) found.push(...(await faults(given)));
  };
  await Promise.all(Array.from({ length: 8 }, work));
  expect(found).toEqual([]);
});
