import type { Contender } from '../contender.ts';
import { all, faults } from '../stage.ts';
import type { Remote } from './remote.ts';

/** A request over a connection that is kept alive, and a herd whose token has died. */
export interface OverHttp {
  readonly microseconds: number;
  readonly herdMilliseconds: number;
  readonly faults: string[];
}

const CONCURRENT = 20;

export async function overHttp(contender: Contender, remote: Remote, n: number, herdSize: number): Promise<OverHttp> {
  const { tokens } = await remote.tell('new');
  const client = contender.start({ url: remote.url, tokens, refresh: remote.refresh });
  const batch = (size: number): ReturnType<typeof all> =>
    all(size, (done, failed, i) => {
      client.get(`/x/${i}`, done, failed);
    });
  await batch(CONCURRENT);
  const count = Math.ceil(n / CONCURRENT);
  const started = performance.now();
  for (let i = 0; i < count; i++) await batch(CONCURRENT);
  const microseconds = ((performance.now() - started) * 1000) / (count * CONCURRENT);
  // The floor has no answer to that.
  if (contender.name === 'raw axios') return { microseconds, herdMilliseconds: NaN, faults: [] };
  await remote.tell('expire');
  const begun = performance.now();
  const ended = await all(herdSize, (done, failed, i) => {
    client.get(`/x/${i}`, done, failed);
  });
  client.stop?.();
  const { seen } = await remote.tell('seen');
  return { microseconds, herdMilliseconds: ended.at - begun, faults: faults(seen, ended) };
}
