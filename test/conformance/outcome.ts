import type { Answer, Driver, Why } from './driver.ts';

/** What one caller got. */
export type Outcome =
  { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'error'; readonly error: unknown };

/** Thrown for a response that is no success by drivers whose library has no error for it. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;
  readonly data: unknown;

  constructor(status: number, data: unknown) {
    super(`The server answered ${String(status)}.`);
    this.status = status;
    this.data = data;
  }
}

interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly status?: unknown;
  readonly data?: unknown;
  readonly response?: { readonly status?: unknown; readonly data?: unknown };
}

function look(error: unknown): ErrorLike {
  return typeof error === 'object' && error !== null ? error : {};
}

/** The HTTP status of an error or of one of its causes. */
export function statusOf(error: unknown): number | undefined {
  const { status, response, cause } = look(error);
  const own = response?.status ?? status;
  if (typeof own === 'number') return own;
  return cause === undefined ? undefined : statusOf(cause);
}

const configurationFaults = [
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
];

/** What a caller can make of an error: the library's own word for it, or what OAuth code, status and name say. */
export function whyOf(error: unknown, explain: Driver['explain']): Why {
  const told = explain?.(error);
  if (told !== undefined) return told;
  const { name, code, data, response } = look(error);
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return 'timeout';
  if (name === 'SyntaxError') return 'invalid-response';
  const oauth = (look(response?.data ?? data) as { error?: unknown }).error;
  if (oauth === 'invalid_grant') return 'expired';
  if (configurationFaults.some((fault) => fault === oauth)) return 'misconfigured';
  const status = statusOf(error);
  // A response that broke off may have the status of a success: only a network error says what happened.
  if (status === undefined || status < 300) return isOfNetwork(error) ? 'unavailable' : 'unknown';
  if (status === 401) return 'unauthorized';
  return status === 408 || status === 429 || status >= 500 ? 'unavailable' : 'refused';
}

function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = look(error);
  return (
    /^(E[A-Z]+|ERR_NETWORK|UND_.*)$/.test(String(code)) ||
    /fetch failed|network|terminated|stream has been aborted|socket hang up/i.test(error.message)
  );
}

export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'answer') return `an answer with ${String(outcome.answer.status)}`;
  const { error } = outcome;
  return error instanceof Error ? `${error.name}: ${error.message}` : `no error but ${typeof error}`;
}
