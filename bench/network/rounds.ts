import type { Contender } from '../contender.ts';
import { expiries, type Rounds } from '../scenarios/rounds.ts';
import { httpStage } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** The scenario of many expiries, on a server that responds in any order and accepts each refresh token once. */
export async function roundsOverHttp(contender: Contender, remote: Remote, count: number, n: number): Promise<Rounds> {
  const { client, tell, stop } = await httpStage(contender, remote);
  await tell('jitter');
  const { rounds, failed, unanswered } = await expiries(client, () => tell('expire'), count, n);
  stop();
  const { refreshes, reused } = (await tell('seen')).seen;
  return { refreshesPerRound: refreshes / rounds, failed, unanswered, reused };
}
