import { asyncScheduler, fromEvent, NEVER, take } from 'rxjs';
import type { TestRequest } from './test-request.ts';

/** A send of a request, as the server of a marble test saw it. */
export interface MarbleSend {
  /** In which frame it arrived, counted from the beginning of the run. */
  readonly frame: number;
  /** Method and path, such as `'GET /users'`; of a query, the names of the parameters only. */
  readonly request: string;
  /** 1 for the first send, 2 for the first resend. */
  readonly attempt: number;
  /** Whether the request carried a header in which the client's session sends its token, or, without a session, `Authorization`. */
  readonly authorized: boolean;
  /** In which frame the client has aborted this send; absent if it has not. */
  readonly abortedIn?: number;
}

/** Notes sends with their frames. */
export class SendLog {
  readonly sends: MarbleSend[] = [];
  #start: number = asyncScheduler.now();
  /** How many sends there were when the run began. */
  #before = 0;
  #isEnding = false;

  /** The current frame of the run. */
  get frame(): number {
    return asyncScheduler.now() - this.#start;
  }

  /** Must be called when a run begins: frames count from this call. */
  beginRun(): void {
    this.#start = asyncScheduler.now();
    this.#before = this.sends.length;
  }

  /** Runs `end`, which ends the subscriptions of a run. The aborts that this causes are not noted: the code under test has not aborted. */
  endRun(end: () => void): void {
    this.#isEnding = true;
    end();
    this.#isEnding = false;
  }

  note(request: TestRequest): void {
    const { attempt, authorized, config } = request;
    const index = this.sends.length;
    const send: MarbleSend = { frame: this.frame, request: String(request), attempt, authorized };
    this.sends.push(send);
    const aborted$ = config.signal instanceof AbortSignal ? fromEvent(config.signal, 'abort') : NEVER;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    aborted$.pipe(take(1)).subscribe(() => {
      // Check `cancelled`: the client also aborts the signal after a complete response whose body nobody reads, which is no cancellation.
      if (request.cancelled && !this.#isEnding) this.sends[index] = { ...send, abortedIn: this.frame };
    });
  }

  /** What was sent in this run, for a message. */
  told(): string[] {
    return this.sends.slice(this.#before).map(({ frame, request, attempt, authorized, abortedIn }) => {
      const marks = [
        ...(attempt > 1 ? [`attempt ${attempt}`] : []),
        ...(authorized ? ['with a token'] : []),
        ...(abortedIn === undefined ? [] : [`aborted in frame ${abortedIn}`]),
      ];
      return `${request} in frame ${frame}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
    });
  }
}
