import type { Contender } from '../contender.ts';
import { all } from '../stage.ts';
import { counts, type Counts } from './counts.ts';
import { httpStage, PATIENCE_MS } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** The server sends a 401 for the old token after the refresh has ended; a correct contender resends without another refresh. */
export async function lateOverHttp(contender: Contender, remote: Remote): Promise<Counts> {
  const { client, tell, until, stop } = await httpStage(contender, remote);
  await tell('expire');
  const one = (path: string): ReturnType<typeof all> =>
    all(
      1,
      (done, failed) => {
        client.get(path, done, failed);
      },
      PATIENCE_MS,
    );

  const slow = one('/held/0');
  await until(({ seen }) => seen.requests === 1);
  const quick = await one('/x/1');
  await tell('answer');
  const ended = [await slow, quick];
  stop();
  return counts((await tell('seen')).seen, ended);
}
