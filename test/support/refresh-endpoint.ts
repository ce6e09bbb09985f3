import { fixedReply, isIssuing, type RefreshAnswer, type RefreshBehaviour } from './refresh-behaviour.ts';
import type { Reply } from './reply.ts';
import type { ServerRequest } from './server-request.ts';
import type { AccessToken, TokenBook } from './token-book.ts';

/** One refresh as the server saw it. */
export interface RefreshRecord {
  /** 1 for the first. */
  readonly n: number;
  readonly request: ServerRequest;
  readonly refreshToken: string | undefined;
  readonly user: string | undefined;
  /** How many other refreshes of the same sign-in were in flight when this one arrived: 0 for a correct client. */
  readonly inFlight: number;
  /** The behaviour that answered it: a preset, or `custom`. */
  behaviour: string;
  /**
   * `issued`: a new access token. `refused`: the token was revoked, unknown or missing. `reused`: it had been rotated
   * already, so the family was revoked. `failed`: the behaviour said so.
   */
  outcome: 'pending' | 'issued' | 'refused' | 'reused' | 'failed';
  /** The generation of the access token that was issued. */
  issued?: number;
}

export interface RefreshEndpoint {
  readonly records: RefreshRecord[];
  behaviour: RefreshBehaviour;
  readonly queue: RefreshBehaviour[];
  rotate: boolean;
  /** Records the refresh on arrival. */
  arrive(request: ServerRequest): RefreshRecord;
  answer(record: RefreshRecord, request: ServerRequest): Promise<Reply>;
}

export const refreshCookie = 'refresh';

export function createRefreshEndpoint(book: TokenBook, tokenBody: (token: AccessToken) => object): RefreshEndpoint {
  const endpoint: RefreshEndpoint = {
    records: [],
    behaviour: 'ok',
    queue: [],
    rotate: true,

    arrive(request) {
      const refreshToken = presentedToken(request);
      const family = refreshToken === undefined ? undefined : book.familyOf(refreshToken);
      const inFlight = endpoint.records.filter(
        (other) =>
          other.request.answeredAt === undefined &&
          !other.request.closedEarly &&
          other.refreshToken !== undefined &&
          book.familyOf(other.refreshToken) === family,
      ).length;
      const record: RefreshRecord = {
        n: endpoint.records.length + 1,
        request,
        refreshToken,
        user: family?.user,
        inFlight,
        behaviour: 'ok',
        outcome: 'pending',
      };
      endpoint.records.push(record);
      return record;
    },

    async answer(record, request) {
      const behaviour = endpoint.queue.shift() ?? endpoint.behaviour;
      const { n, refreshToken, user } = record;
      const answer = typeof behaviour === 'function' ? await behaviour({ n, refreshToken, user, request }) : behaviour;
      record.behaviour = typeof answer === 'string' ? answer : 'custom';
      if (isIssuing(answer)) return issue(record, answer);
      record.outcome = 'failed';
      return fixedReply(answer);
    },
  };

  function issue(record: RefreshRecord, answer: RefreshAnswer): Reply {
    const { family, verdict } =
      record.refreshToken === undefined ? { verdict: 'unknown' as const } : book.present(record.refreshToken);
    if (!family || verdict !== 'good') {
      record.outcome = verdict === 'reused' ? 'reused' : 'refused';
      return { status: 400, body: { error: 'invalid_grant', error_description: `The refresh token is ${verdict}.` } };
    }
    const newest = family.access.at(-1);
    const token = answer === 'same-token' && newest ? newest : book.renew(family, endpoint.rotate);
    record.outcome = 'issued';
    record.issued = token.generation;
    if (answer === 'reset-after-rotation') return { fault: 'reset' };
    const inCookie = record.request.path.endsWith('cookie-refresh');
    const rotated = endpoint.rotate && answer === 'ok';
    return {
      headers: {
        'cache-control': 'no-store',
        ...(inCookie && rotated ? { 'set-cookie': cookieFor(family.refreshToken) } : {}),
      },
      body: { ...tokenBody(token), ...(rotated && !inCookie ? { refreshToken: family.refreshToken } : {}) },
      sent: () => {
        token.delivered = true;
      },
    };
  }

  return endpoint;
}

export function cookieFor(refreshToken: string): string {
  return `${refreshCookie}=${refreshToken}; Path=/; HttpOnly; SameSite=Lax`;
}

function presentedToken({ path, body, headers }: ServerRequest): string | undefined {
  if (path.endsWith('cookie-refresh'))
    return new RegExp(`(?:^|; *)${refreshCookie}=([^;]*)`).exec(headers.cookie ?? '')?.[1];
  try {
    const { refreshToken } = JSON.parse(body.toString()) as { refreshToken?: unknown };
    return typeof refreshToken === 'string' ? refreshToken : undefined;
  } catch {
    return undefined;
  }
}

/** Pairs of refreshes that presented the same refresh token, each with the one just before it. */
export function repeatsIn(records: readonly RefreshRecord[]): (readonly [RefreshRecord, RefreshRecord])[] {
  const last = new Map<string, RefreshRecord>();
  const repeats: (readonly [RefreshRecord, RefreshRecord])[] = [];
  for (const record of records) {
    if (record.refreshToken === undefined) continue;
    const earlier = last.get(record.refreshToken);
    if (earlier) repeats.push([earlier, record]);
    last.set(record.refreshToken, record);
  }
  return repeats;
}
