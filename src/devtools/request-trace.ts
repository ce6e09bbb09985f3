import { type AxiosResponse, type InternalAxiosRequestConfig, isCancel } from 'axios';
import { asyncScheduler } from 'rxjs';
import { readProperty } from '../session/internal.ts';
import { placeOf, type RequestPlace } from './request-place.ts';
import type { RequestFigures, TraceEvent, TraceNotice } from './trace-event.ts';

let lastId = 0;

/** Milliseconds since then, 0 if the clock was set back. */
const since = (then: number): number => Math.max(0, asyncScheduler.now() - then);

/** Follows one request, from the call of its adapter to its end. Emits an event for each step, and none after the end. */
export class RequestTrace {
  readonly #emit: (event: TraceEvent) => void;
  readonly #id: number = ++lastId;
  readonly #place: RequestPlace;
  readonly #begunAt: number = asyncScheduler.now();
  #attempt = 0;
  #sentAt = 0;
  #heldAt: number | undefined;
  #heldMs = 0;
  #isOver = false;

  constructor(config: InternalAxiosRequestConfig, emit: (event: TraceEvent) => void) {
    this.#place = placeOf(config);
    this.#emit = emit;
  }

  held(): void {
    // A request that begins to wait again before it is sent has been held since its first wait: emit one event for both.
    if (this.#heldAt !== undefined) return;
    this.#heldAt = asyncScheduler.now();
    this.#tell({ type: 'held' });
  }

  sent(): void {
    this.#release();
    this.#sentAt = asyncScheduler.now();
    this.#attempt += 1;
    this.#tell({ type: this.#attempt === 1 ? 'sent' : 'resent' });
  }

  answered(response: AxiosResponse | undefined): void {
    if (response) this.#tell({ type: 'answered', status: statusOf(response), durationMs: since(this.#sentAt) });
  }

  completed(response: AxiosResponse): void {
    this.#end((figures) => ({ type: 'completed', status: statusOf(response), ...figures }));
  }

  failed(error: unknown): void {
    const status: unknown = readProperty(readProperty(error, 'response'), 'status');
    this.#end((figures) =>
      isCancel(error)
        ? { type: 'cancelled', ...figures }
        : {
            type: 'failed',
            error: errorNameOf(error),
            ...(typeof status === 'number' && { status }),
            ...figures,
          },
    );
  }

  /** @param reason - of the signal that was aborted. After `AbortSignal.timeout()` the request counts as failed, not as cancelled */
  aborted(reason: unknown): void {
    this.#end((figures) =>
      readProperty(reason, 'name') === 'TimeoutError'
        ? { type: 'failed', error: 'ETIMEDOUT', ...figures }
        : { type: 'cancelled', ...figures },
    );
  }

  #end(notice: (figures: RequestFigures) => TraceNotice): void {
    this.#release();
    this.#tell(notice({ durationMs: since(this.#begunAt), heldMs: this.#heldMs }));
    this.#isOver = true;
  }

  #release(): void {
    if (this.#heldAt === undefined) return;
    this.#heldMs += since(this.#heldAt);
    this.#heldAt = undefined;
  }

  #tell(notice: TraceNotice): void {
    if (this.#isOver) return;
    this.#emit({ ...notice, id: this.#id, ...this.#place, attempt: this.#attempt, at: asyncScheduler.now() });
  }
}

function statusOf(response: AxiosResponse): number {
  const status = readProperty(response, 'status');
  return typeof status === 'number' ? status : 0;
}

/** Returns the code or the name of an error, and never its message, which may quote a secret. */
function errorNameOf(error: unknown): string {
  const named = [readProperty(error, 'code'), readProperty(error, 'name')];
  return (
    named.find((name): name is string => typeof name === 'string' && /^[A-Za-z][\w-]{0,63}$/.test(name)) ?? 'Error'
  );
}
