import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage once everything in flight has ended. */
export async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  collect();
}
