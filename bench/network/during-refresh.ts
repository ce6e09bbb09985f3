import type { Contender } from '../contender.ts';
import { all } from '../stage.ts';
import { counts, type Counts } from './counts.ts';
import { httpStage, PATIENCE_MS } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** Half of the requests have a dead token, and the other half starts while the server holds the refresh. */
export async function duringRefreshOverHttp(contender: Contender, remote: Remote, n: number): Promise<Counts> {
  const { client, tell, until, calm, stop } = await httpStage(contender, remote);
  await tell('expire');
  await tell('hold');
  const half = Math.floor(n / 2);
  const start = (path: string): ReturnType<typeof all> =>
    all(
      half,
      (done, failed, i) => {
        client.get(`/${path}/${i}`, done, failed);
      },
      PATIENCE_MS,
    );

  const first = start('held');
  // All of the first half have arrived before the first 401 is sent; otherwise a late one would be counted as a request that should have
  // waited.
  await until(({ seen }) => seen.requests === half);
  await tell('answer');
  await until(({ held }) => held > 0);
  const second = start('x');
  await calm();
  await tell('release');
  const ended = [await first, await second];
  stop();
  return counts((await tell('seen')).seen, ended);
}
