// Measures a refresh on IndexedDB beside one in memory, in a page.
import { webStore } from 'sluice/browser';
import { memoryStore } from 'sluice/session';
import { interleaved } from '../measure.ts';
import { refreshOnce } from './refresh-once.ts';

/** The milliseconds of each refresh. */
export interface PageFigures {
  readonly memory: readonly number[];
  readonly indexedDB: readonly number[];
}

declare global {
  var measure: (repeats: number) => Promise<PageFigures>;
}

globalThis.measure = async (repeats) => {
  const [memory, indexedDB] = [refreshOnce(memoryStore()), refreshOnce(webStore({ key: 'bench' }))];
  await Promise.all([memory.ready, indexedDB.ready]);
  const both = [memory, indexedDB];
  await interleaved(both, Math.min(20, repeats), (one) => one.refresh());
  const measured = await interleaved(both, repeats, (one) => one.refresh());
  return { memory: measured.get(memory) ?? [], indexedDB: measured.get(indexedDB) ?? [] };
};
