import { defer, fromEvent, NEVER, type ObservableNotification, takeUntil, tap } from 'rxjs';
import { InvalidInputError } from '../session/index.ts';
import { inTheirFrames, type MarbleValues, type Moment, momentsOf } from './marbles.ts';
import { type Matcher, matcherOf, type RequestMatch } from './request-match.ts';
import type { SentEvent } from './streamed-body.ts';
import type { TestErrorInit, TestRequest, TestResponseInit } from './test-request.ts';

/** What a letter of `when()` stands for: a response with a `body`, or a part of a streamed one. */
export interface TestAnswer extends TestResponseInit {
  /** The body: a string or bytes are sent as they are, everything else as JSON, as by `flush()`. @defaultValue an empty body */
  readonly body?: unknown;
  /** Server-sent events, as in `events()`; the response goes on until `|` or `#`. @defaultValue none */
  readonly events?: readonly SentEvent[];
  /** Parts of a body, as in `chunks()`; the response goes on until `|` or `#`. @defaultValue none */
  readonly chunks?: readonly (string | Uint8Array)[];
}

/**
 * The diagram of an answer, from the frame in which the request is sent. A list has one for each attempt, and the last one is for all
 * further attempts.
 */
export type AnswerMarbles = string | readonly string[] | ((request: TestRequest) => string);

type Diagrams = (request: TestRequest) => readonly Moment<TestAnswer>[];

/** How the server of a marble test answers: the last rule that matches a request counts. */
export class ServerRules {
  readonly #rules: (readonly [Matcher, Diagrams])[] = [];
  readonly #errors: unknown[] = [];
  #streams = false;

  /**
   * Adds a rule. If `marbles` is a function, it is called at each request; an error in the diagram that it returns makes the run reject.
   *
   * @throws InvalidInputError for a `match` of another type, an empty list, and a diagram that cannot be read or has a letter without an
   * answer
   */
  add(match: RequestMatch, marbles: AnswerMarbles, values: MarbleValues<TestAnswer>, error?: TestErrorInit): void {
    this.#streams ||= Object.values(values).some(({ events, chunks }) => events ?? chunks);
    const read = (text: string): readonly Moment<TestAnswer>[] => answersOf(text, values, error);
    this.#rules.push([matcherOf('when()', match), diagramsOf(marbles, read)]);
  }

  /** Whether an answer may be a stream. */
  get streams(): boolean {
    return this.#streams;
  }

  /** Whether there is a rule for this request. */
  has(request: TestRequest): boolean {
    return this.#rules.some(([{ matches }]) => matches(request));
  }

  /** Throws the first error that was thrown while a rule answered, such as that of a second response to one request. */
  throwFailure(): void {
    for (const error of this.#errors.splice(0)) throw error;
  }

  answer(request: TestRequest): void {
    const rule = this.#rules.findLast(([{ matches }]) => matches(request));
    if (!rule) return;
    const { signal } = request.config;
    const cancelled$ = signal instanceof AbortSignal ? fromEvent(signal, 'abort') : NEVER;
    const [, diagrams] = rule;
    defer(() => inTheirFrames(diagrams(request)))
      .pipe(
        tap((notification) => {
          apply(request, notification);
        }),
        takeUntil(cancelled$),
      )
      .subscribe({ error: (error: unknown) => this.#errors.push(error) });
  }
}

function diagramsOf(marbles: AnswerMarbles, read: (text: string) => readonly Moment<TestAnswer>[]): Diagrams {
  if (typeof marbles === 'function') return (request) => read(marbles(request));
  const all = (typeof marbles === 'string' ? [marbles] : marbles).map(read);
  if (all.length === 0) throw new InvalidInputError('when() takes a diagram for each attempt; given: an empty list.');
  return ({ attempt }) => all[Math.min(attempt, all.length) - 1] ?? [];
}

function answersOf(text: string, values: MarbleValues<TestAnswer>, error: TestErrorInit = {}): Moment<TestAnswer>[] {
  const moments = momentsOf(text, values, error);
  for (const { notification } of moments)
    if (notification.kind === 'N' && typeof notification.value !== 'object')
      throw new InvalidInputError(
        `when(): the letter ${String(notification.value)} of '${text}' needs an answer among the values, such as { body }, { status } or { events }.`,
      );
  return moments;
}

function apply(request: TestRequest, notification: ObservableNotification<TestAnswer>): void {
  // The request may have ended by its timeout, which aborts no signal: an answer to it would throw.
  if (request.cancelled) return;
  if (notification.kind === 'E') request.error(notification.error as TestErrorInit);
  else if (notification.kind === 'N') send(request, notification.value);
  // `|` ends a streamed body only: a whole response has ended by itself.
  else if (request.streaming) request.end();
}

function send(request: TestRequest, { body, events, chunks, ...head }: TestAnswer): void {
  if (events) request.events(events, head);
  if (chunks) request.chunks(chunks, head);
  if (!events && !chunks) request.flush(body, head);
}
