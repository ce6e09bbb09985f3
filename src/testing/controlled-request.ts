import { AxiosError, AxiosHeaders, type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { asyncScheduler, Subscription } from 'rxjs';
import { settle } from '../http/internal.ts';
import { checkChunks, checkErrorInit, checkEvents, checkProgress, checkResponseInit } from './check-init.ts';
import { emitProgress, type TestProgress } from './progress.ts';
import { shownUrl } from './shown.ts';
import { eventText, type SentEvent, StreamedBody } from './streamed-body.ts';
import type { TestErrorInit, TestRequest, TestResponseInit } from './test-request.ts';
import { isSentAsJson, wireBody } from './wire-body.ts';

type Phase = 'open' | 'streaming' | 'answered' | 'cancelled';

/** What the controller knows of a request besides its config. */
interface RequestFacts {
  readonly url: string;
  readonly attempt: number;
  readonly authorized: boolean;
}

/**
 * One send of a request, which the test answers. All properties are private, because test runners print the own properties of what they
 * compare, and the config contains the token.
 */
export class ControlledRequest implements TestRequest {
  readonly #config: InternalAxiosRequestConfig;
  readonly #facts: RequestFacts;
  readonly #resolve: (response: AxiosResponse) => void;
  readonly #reject: (error: unknown) => void;
  /** Closed when the request has ended: that stops the timeout, and the listening to the signal. */
  readonly #whileOpen = new Subscription();
  #phase: Phase = 'open';
  #body: StreamedBody | undefined;
  #loaded: Partial<Record<string, number>> = {};

  constructor(
    config: InternalAxiosRequestConfig,
    facts: RequestFacts,
    resolve: (response: AxiosResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#config = config;
    this.#facts = facts;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#watchSignal();
    this.#startTimeout();
  }

  get method(): string {
    return (this.#config.method ?? 'get').toUpperCase();
  }
  get url(): string {
    return this.#facts.url;
  }
  get config(): InternalAxiosRequestConfig {
    return this.#config;
  }
  get attempt(): number {
    return this.#facts.attempt;
  }
  get authorized(): boolean {
    return this.#facts.authorized;
  }
  get cancelled(): boolean {
    return this.#phase === 'cancelled';
  }
  get streaming(): boolean {
    return this.#phase === 'streaming';
  }
  /** Whether the test has begun to answer the request. */
  get isAnswered(): boolean {
    return this.#phase === 'answered' || this.streaming;
  }
  /** Whether the client has not read yet all chunks of a stream that the test has sent. */
  get isBusy(): boolean {
    return !this.cancelled && (this.#body?.isBusy ?? false);
  }
  get body(): unknown {
    const { headers } = this.#config;
    const data: unknown = this.#config.data;
    const isJson = typeof data === 'string' && /[/+]json\b/i.test(String(headers.getContentType()));
    try {
      return isJson ? (JSON.parse(data) as unknown) : data;
    } catch {
      return data;
    }
  }
  toString(): string {
    return `${this.method} ${shownUrl(this.url, this.#config.baseURL)}`;
  }

  flush(body?: unknown, init: TestResponseInit = {}): void {
    checkResponseInit('flush()', init);
    this.#assertPhase('flush', 'open');
    const { headers, ...head } = init;
    const data = wireBody(this.method === 'HEAD' ? null : body, this.#config.responseType);
    const types = isSentAsJson(body) ? { 'content-type': 'application/json' } : {};
    const response = { ...head, headers: { ...types, ...lowerCased(headers) } };
    if (this.#config.responseType === 'stream') {
      this.#open('flush', response);
      this.#body?.push(data as Uint8Array);
      this.end();
    } else {
      this.#finish('answered');
      this.#respond(data, response);
    }
  }

  error(given: TestErrorInit | Error = {}): void {
    const init = given instanceof Error ? initOf(given) : given;
    checkErrorInit('error()', init);
    const { code = AxiosError.ERR_NETWORK, message = 'Network Error', cause } = init;
    this.#assertPhase('error', 'open', 'streaming');
    this.#finish('answered');
    const error = new AxiosError(message, code, this.#config);
    if (cause !== undefined)
      Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
    if (this.#body) this.#body.fail(error);
    else this.#reject(error);
  }

  progress(progress: TestProgress): void {
    checkProgress(progress);
    this.#assertPhase('progress', 'open', 'streaming');
    emitProgress(this.#config, progress, this.#loaded);
  }

  events(events: readonly SentEvent[], init: TestResponseInit = {}): void {
    checkEvents(events);
    checkResponseInit('events()', init);
    const { headers, ...head } = init;
    const response = { ...head, headers: { 'content-type': 'text/event-stream', ...lowerCased(headers) } };
    this.#send('events', events.map(eventText), response);
  }
  chunks(chunks: readonly (string | Uint8Array)[], response: TestResponseInit = {}): void {
    checkChunks(chunks);
    checkResponseInit('chunks()', response);
    this.#send('chunks', chunks, response);
  }
  end(): void {
    this.#assertPhase('end', 'streaming');
    this.#finish('answered');
    this.#body?.end();
  }

  #send(what: string, chunks: readonly (string | Uint8Array)[], response: TestResponseInit): void {
    this.#assertPhase(what, 'open', 'streaming');
    if (this.#phase === 'open') this.#open(what, response);
    for (const chunk of chunks) this.#body?.push(chunk);
  }

  #open(what: string, response: TestResponseInit): void {
    if (this.#config.responseType !== 'stream')
      throw new Error(`${what}(): ${String(this)} asks for no stream (\`responseType: 'stream'\`).`);
    this.#phase = 'streaming';
    this.#body = new StreamedBody();
    this.#respond(this.#body.stream, response);
  }

  #respond(data: unknown, { status = 200, statusText = '', headers = {} }: TestResponseInit): void {
    const config = this.#config;
    try {
      this.#resolve(settle({ data, status, statusText, headers: AxiosHeaders.from(headers), config }, config));
    } catch (error) {
      this.#reject(error);
    }
  }

  #finish(phase: 'answered' | 'cancelled'): void {
    this.#phase = phase;
    this.#whileOpen.unsubscribe();
  }

  #cancel(error: () => AxiosError): void {
    if (this.#whileOpen.closed) return;
    this.#finish('cancelled');
    if (this.#body) this.#body.abort(error());
    else this.#reject(error());
  }

  #watchSignal(): void {
    const { signal, cancelToken } = this.#config;
    const cancel = (): void => {
      this.#cancel(() => new CanceledError(cancelToken?.reason?.message, this.#config));
    };
    signal?.addEventListener?.('abort', cancel);
    cancelToken?.promise.then(cancel, cancel);
    this.#whileOpen.add(() => {
      signal?.removeEventListener?.('abort', cancel);
    });
  }

  /** Ends the request after its `timeout`, as the adapters of axios do: otherwise a test of a timeout would wait for ever. */
  #startTimeout(): void {
    const { timeout = 0, timeoutErrorMessage = '', transitional } = this.#config;
    if (!(timeout > 0)) return;
    const code = transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
    const end = (): void => {
      this.#cancel(() => new AxiosError(timeoutErrorMessage || `timeout of ${timeout}ms exceeded`, code, this.#config));
    };
    this.#whileOpen.add(asyncScheduler.schedule(end, timeout));
  }

  #assertPhase(what: string, ...phases: readonly Phase[]): void {
    if (phases.includes(this.#phase)) return;
    const why = {
      open: 'has no response yet',
      streaming: 'has begun to be answered already',
      answered: 'has been answered already',
      cancelled: 'has been cancelled by the client',
    }[this.#phase];
    throw new Error(`${what}(): ${String(this)} ${why}.`);
  }
}

/** Returns the code, message and cause of the `AxiosError` that axios would make of an error of the platform. */
function initOf(cause: Error): TestErrorInit {
  const { code } = cause as { readonly code?: unknown };
  return { message: cause.message, ...(typeof code === 'string' && { code }), cause };
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
