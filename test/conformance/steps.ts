import type { AuthServer } from '../support/auth-server.ts';
import type { Hold } from '../support/gates.ts';
import { pause, realTimer } from '../support/real-time.ts';
import type { Where } from '../support/where.ts';
import { Hang, holds, same } from './check.ts';
import type { Answer, Driver, RequestSpec, Why } from './driver.ts';
import { describeOutcome, type Outcome, whyOf } from './outcome.ts';

/** A request that has been made. */
export interface Sent {
  readonly promise: Promise<Outcome>;
  readonly outcome: Outcome | undefined;
  readonly spec: RequestSpec;
}

export function follow(spec: RequestSpec, request: () => Promise<Answer>): Sent {
  let outcome: Outcome | undefined;
  // An error that is thrown at the call becomes the outcome as well.
  const promise = new Promise<Answer>((resolve) => {
    resolve(request());
  }).then(
    (answer): Outcome => (outcome = { kind: 'answer', answer }),
    (error: unknown): Outcome => (outcome = { kind: 'error', error }),
  );
  return {
    promise,
    spec,
    get outcome() {
      return outcome;
    },
  };
}

export function send(driver: Pick<Driver, 'request'>, spec: string | RequestSpec): Sent {
  const whole = typeof spec === 'string' ? { url: spec } : spec;
  return follow(whole, () => driver.request(whole));
}

/** The outcomes of all requests. Rejects with a `Hang` if one has none in time. */
export async function settle(sent: readonly Sent[], limitMs = 6000): Promise<Outcome[]> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = realTimer(limitMs, () => {
      const open = sent.filter(({ outcome }) => outcome === undefined);
      reject(new Hang(`${String(open.length)} of ${String(sent.length)} callers get no outcome`));
    });
  });
  try {
    return await Promise.race([Promise.all(sent.map(({ promise }) => promise)), late]);
  } finally {
    cancel();
  }
}

/** The responses to all requests. Rejects if one of them failed. */
export async function answers(sent: readonly Sent[], limitMs?: number): Promise<Answer[]> {
  return (await settle(sent, limitMs)).map((outcome) => {
    if (outcome.kind === 'error') {
      const { error } = outcome;
      throw new Error(`a caller got ${describeOutcome(outcome)}`, { cause: error });
    }
    return outcome.answer;
  });
}

export async function answerTo(driver: Pick<Driver, 'request'>, spec: string | RequestSpec): Promise<Answer> {
  const [answer] = await answers([send(driver, spec)]);
  return answer as Answer;
}

/** The errors of all requests. Rejects if one of them got a response. */
export async function errors(sent: readonly Sent[], limitMs?: number): Promise<unknown[]> {
  return (await settle(sent, limitMs)).map((outcome) => {
    holds(`a caller got ${describeOutcome(outcome)}, not an error`, outcome.kind === 'error');
    return (outcome as { error: unknown }).error;
  });
}

/** Checks that each request failed for one of these reasons. */
export async function failsFor(driver: Driver, sent: readonly Sent[], ...allowed: Why[]): Promise<unknown[]> {
  const all = await errors(sent);
  for (const error of all) {
    const why = whyOf(error, driver.explain);
    const shown = describeOutcome({ kind: 'error', error });
    holds(`the error says '${why}' (${shown}), not '${allowed.join("' or '")}'`, allowed.includes(why));
  }
  return all;
}

export interface Herd {
  readonly sent: Sent[];
  /** Selects the requests of the herd in the records of the server. */
  readonly where: Where;
}

let herds = 0;

/** Requests whose token has died, all of them on the server before the first 401 goes out. */
export async function dyingHerd(server: AuthServer, driver: Pick<Driver, 'request'>, n: number): Promise<Herd> {
  herds += 1;
  const where = `/api/echo?herd=${String(herds)}&*`;
  server.expireAccess();
  const hold = server.hold(where);
  const sent = Array.from({ length: n }, (_, i) => send(driver, where.replace('*', `n=${String(i)}`)));
  await hold.waiting(n);
  hold.release();
  return { sent, where };
}

/** Sends a herd with a dead token; resolves when all its 401s have arrived and the server holds its refresh. */
export async function herdBehindRefresh(
  server: AuthServer,
  driver: Pick<Driver, 'request'>,
  n: number,
): Promise<Herd & { readonly refresh: Hold }> {
  const refresh = server.hold('/api/refresh-token');
  const herd = await dyingHerd(server, driver, n);
  await refresh.arrived;
  await server.answered(herd.where, n);
  await flush(server);
  return { ...herd, refresh };
}

/** Waits until everything in flight has arrived at the server, by sending requests after it. */
export async function flush(server: AuthServer): Promise<void> {
  for (let n = 0; n < 3; n += 1) await (await fetch(`${server.url}/public/flush`)).text();
}

/** Waits until `isSo` returns true, for two seconds at most. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + 2000;
  while (!isSo()) {
    holds(`waited in vain for ${what}`, Date.now() < end);
    await pause(1);
  }
}

/** Checks that the server got `n` refreshes, each with the newest refresh token and none while another ran. */
export function refreshedOrderly(server: AuthServer, n: number): void {
  same('refreshes', server.refreshes.length, n);
  same('refresh tokens used again', server.reuse.length, 0);
  same('refreshes beside another', server.refreshes.filter(({ inFlight }) => inFlight > 0).length, 0);
}

/** The generations of the tokens that the requests carried: 1 for the user's first token. */
export function generations(server: AuthServer, where: Where): (number | undefined)[] {
  return server.sent(where).map(({ generation }) => generation);
}

/** The body of a response of `/api/echo` as an object, whether or not the library has parsed it. */
export function echoOf(answer: Answer | undefined): Readonly<Record<string, unknown>> {
  const body = typeof answer?.body === 'string' ? (JSON.parse(answer.body) as unknown) : answer?.body;
  return (body ?? {}) as Readonly<Record<string, unknown>>;
}
