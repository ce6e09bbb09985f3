import type { Reply } from './reply.ts';
import type { ServerRequest } from './server-request.ts';

/**
 * How the refresh endpoint answers.
 *
 * Those that issue tokens if the refresh token is good: `ok`; `same-token` (the access token it issued last, nothing rotated);
 * `reset-after-rotation` (rotates, then breaks the connection).
 *
 * Those that leave the refresh token alone: a status (`503`), a status with a header (`429:retry-after=1`), a status with an OAuth
 * error code (`400:invalid_client`); 200 with an HTML page (`html`), no body (`empty`), broken JSON (`not-json`), an object
 * without a token (`no-token`), ten megabytes of it (`huge`); half a body and then a break (`half-body`); a break at once (`reset`)
 * or after the headers (`reset-after-headers`); headers that never end (`slow-headers`); no answer (`hang`).
 */
export type RefreshPreset =
  | 'ok'
  | 'same-token'
  | 'reset-after-rotation'
  | 'html'
  | 'empty'
  | 'not-json'
  | 'no-token'
  | 'huge'
  | 'half-body'
  | 'reset'
  | 'reset-after-headers'
  | 'slow-headers'
  | 'hang'
  | `${number}`
  | `${number}:${string}`;

export interface RefreshAttempt {
  /** 1 for the first refresh that reached the server. */
  readonly n: number;
  readonly refreshToken: string | undefined;
  readonly user: string | undefined;
  readonly request: ServerRequest;
}

export type RefreshAnswer = RefreshPreset | Reply;
export type RefreshBehaviour =
  RefreshAnswer | ((attempt: RefreshAttempt) => RefreshAnswer | PromiseLike<RefreshAnswer>);

export function isIssuing(answer: RefreshAnswer): answer is 'ok' | 'same-token' | 'reset-after-rotation' {
  return answer === 'ok' || answer === 'same-token' || answer === 'reset-after-rotation';
}

export function fixedReply(answer: Exclude<RefreshAnswer, 'ok' | 'same-token' | 'reset-after-rotation'>): Reply {
  if (typeof answer === 'object') return answer;
  const json = { 'content-type': 'application/json' };
  switch (answer) {
    case 'html':
      return {
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Welcome to the hotel network</title>',
      };
    case 'empty':
      return {};
    case 'not-json':
      return { headers: json, body: '{"jwtToken": "cut o' };
    case 'no-token':
      return { body: { message: 'fine' } };
    case 'huge':
      return { body: { message: 'x'.repeat(10 * 1024 * 1024) } };
    case 'half-body':
    case 'reset-after-headers':
      return { fault: answer, body: { message: 'x'.repeat(1000) } };
    case 'reset':
    case 'slow-headers':
    case 'hang':
      return { fault: answer };
    default:
      return statusReply(answer);
  }
}

function statusReply(preset: string): Reply {
  const [, digits, argument] = /^([1-5]\d\d)(?::(.+))?$/.exec(preset) ?? [];
  if (digits === undefined) throw new Error(`Unknown refresh behaviour '${preset}'.`);
  const status = Number(digits);
  if (argument === undefined) return { status, body: { message: `refresh answered ${digits}` } };
  const [name = '', value] = argument.split('=', 2);
  return value === undefined
    ? { status, body: { error: argument } }
    : { status, headers: { [name]: value }, body: { message: `refresh answered ${digits}` } };
}
