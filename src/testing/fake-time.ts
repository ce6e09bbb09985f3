import type { Observable } from 'rxjs';
import { InvalidInputError } from '../session/index.ts';
import { Expectation } from './expectation.ts';
import { advancerOf, type FakeClock } from './fake-clock.ts';
import { type HttpController, TestController } from './http-controller.ts';
import { MarbleRuns } from './marble-runs.ts';
import { coldOf, type MarbleValues, momentsOf } from './marbles.ts';
import type { RequestMatch } from './request-match.ts';
import { type MarbleSend, SendLog } from './send-log.ts';
import { type AnswerMarbles, ServerRules, type TestAnswer } from './server-rules.ts';
import type { TestErrorInit } from './test-request.ts';

/** The expectation of `expect()`. */
export interface MarbleExpectation {
  /**
   * Resolves if the Observable has done what the marbles say. The clock runs once for all expectations that the test has stated by then:
   * state them all, then await them together. Rejects with an Error that draws what was expected and what happened, and lists the requests that were sent.
   *
   * @param values - the values of the letters, compared by content; matchers such as `expect.any(Date)` decide for themselves. By default
   * a letter stands for itself
   * @param error - what `#` fails with: the properties that the error must have, at least; of an `Error` only the name and the message are
   * compared. By default any error
   */
  toBe(marbles: string, values?: MarbleValues, error?: unknown): Promise<void>;
}

/** Marbles over a fake clock. A frame is a millisecond, and the syntax is that of `TestScheduler.run()`. */
export interface FakeTime {
  /** Makes a cold Observable; its frames count from each subscription. */
  cold<T = string>(marbles: string, values?: MarbleValues<T>, error?: unknown): Observable<T>;
  /**
   * Says how the server answers matching requests, from the frame in which each is sent: a letter of `values` is a response or a part of a
   * streamed one, `#` a connection that fails, `|` the end of a streamed body. If several rules match a request, the last one answers it.
   *
   * @param marbles - a diagram, a list with one for each attempt, or a function of the request. If the diagram that a function returns
   * cannot be read, the run rejects
   * @param error - what `#` fails with; by default `ERR_NETWORK`
   * @throws InvalidInputError for a `match` of another type, a diagram that cannot be read, an empty list, a letter without an answer, and
   * if `fakeTime()` was given no `http`
   */
  when(match: RequestMatch, marbles: AnswerMarbles, values?: MarbleValues<TestAnswer>, error?: TestErrorInit): void;
  /**
   * States what an Observable does.
   *
   * @param subscription - when to subscribe and unsubscribe, such as `'--^---!'`; by default in frame 0 and never
   */
  expect(source$: Observable<unknown>, subscription?: string): MarbleExpectation;
  /** What the server has received so far. */
  readonly sends: readonly MarbleSend[];
}

/**
 * Makes marble tests of whole clients on the fake clock of the test runner: between two frames all promises settle, so that axios, its
 * interceptors, the session and its refresh take no frame, and each timer takes the frames that it is set to. A run ends with the last
 * frame of its diagrams, or one second of the clock later if a subscription is still open then.
 *
 * This is no `TestScheduler`, in whose virtual time promises never settle.
 *
 * @param clock - `vi`, `jest` or a clock of Sinon, whose fake timers must be in use, `Date` included
 * @param http - the server side of `testClient()`; needed for `when` and `sends` only
 * @throws InvalidInputError for a value that is no fake clock
 * @example
 * ```ts
 * vi.useFakeTimers();
 * const { api, http } = testClient();
 * const time = fakeTime(vi, http);
 * time.when('GET /users', '--a', { a: { body: ['Ada'] } });
 * await time.expect(api.get('/users')).toBe('--(u|)', { u: ['Ada'] });
 * ```
 */
export function fakeTime(clock: FakeClock, http?: HttpController): FakeTime {
  const rules = new ServerRules();
  const log = new SendLog();
  const runs = new MarbleRuns(advancerOf(clock), log, rules, async () => {
    if (http instanceof TestController && http.isBusy) await http.settled();
  });
  // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
  http?.requests$.subscribe((request) => {
    log.note(request);
    if (rules.has(request) && http.match((one) => one === request).length > 0) rules.answer(request);
  });
  return {
    cold: (marbles, values, error) => coldOf(momentsOf(marbles, values, error ?? 'error')),
    when(match, marbles, values = {}, error) {
      if (!http)
        throw new InvalidInputError('when() needs a server: fakeTime(clock, http), with the http of testClient().');
      rules.add(match, marbles, values, error);
    },
    expect: (source$, subscription) => ({
      toBe: (marbles, values, error) => runs.state(new Expectation(source$, subscription, { marbles, values, error })),
    }),
    get sends() {
      return [...log.sends];
    },
  };
}
