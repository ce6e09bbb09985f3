import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Frees whatever nothing leads to any more, once what is under way has come to rest. */
export async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  collect();
}
