import type { Contender } from '../contender.ts';
import { all, faults } from '../stage.ts';
import { httpStage } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** The time of a request over a connection that is kept alive, and the times of a herd (many requests at once) whose token is dead. */
export interface OverHttp {
  readonly microseconds: number;
  readonly herdMilliseconds: number;
  /** Milliseconds from the response to the refresh until the last response. */
  readonly lastResend: number;
  readonly faults: string[];
}

const CONCURRENT = 20;

export async function overHttp(contender: Contender, remote: Remote, n: number, herdSize: number): Promise<OverHttp> {
  const { client, tell, refreshedAt, stop } = await httpStage(contender, remote);
  const batch = (size: number): ReturnType<typeof all> =>
    all(size, (done, failed, i) => {
      client.get(`/x/${i}`, done, failed);
    });
  await batch(CONCURRENT);
  const count = Math.ceil(n / CONCURRENT);
  const started = performance.now();
  for (let i = 0; i < count; i++) await batch(CONCURRENT);
  const microseconds = ((performance.now() - started) * 1000) / (count * CONCURRENT);
  // Raw axios cannot refresh, so it has no result for a herd with a dead token.
  if (contender.name === 'raw axios') return { microseconds, herdMilliseconds: NaN, lastResend: NaN, faults: [] };
  await tell('expire');
  const begun = performance.now();
  const ended = await batch(herdSize);
  stop();
  const { seen } = await tell('seen');
  return {
    microseconds,
    herdMilliseconds: ended.at - begun,
    lastResend: ended.at - refreshedAt(),
    faults: faults(seen, ended),
  };
}
