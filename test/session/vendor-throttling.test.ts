import { throwError } from 'rxjs';
import { classifyRefreshError, type RefreshErrorKind } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { answer, setUp } from './fixture.ts';

/** Responses of two vendors that throttle with a 400, as their own SDKs read them. */
const quota = { error: { code: 400, message: 'QUOTA_EXCEEDED : Exceeded quota for updating account information.' } };
const tooMany = { __type: 'TooManyRequestsException', message: 'Rate exceeded' };

/** The recipe: the vendor's codes are checked first, and everything else is left to the default. */
function classify(error: unknown): RefreshErrorKind {
  const data = (error as { data?: { __type?: string; error?: { message?: string } } } | undefined)?.data;
  const isThrottled = data?.__type === 'TooManyRequestsException' || data?.error?.message?.startsWith('QUOTA_EXCEEDED');
  return isThrottled ? 'unavailable' : classifyRefreshError(error);
}

describe('a vendor’s throttling by a 400', () => {
  const refreshing = (body: unknown, classifyRefreshError?: typeof classify) => {
    const { session } = setUp({
      refresh: () => throwError(() => answer(400, {}, body)),
      ...(classifyRefreshError && { classifyRefreshError }),
    });
    return { outcome: record(session.refresh$).expectOneOutcome(), session };
  };

  it.each([
    ['Firebase', quota],
    ['Cognito', tooMany],
  ])('keeps the session with a `classifyRefreshError` that falls back to the default: %s', (_vendor, body) => {
    const { outcome, session } = refreshing(body, classify);
    expect(outcome).toMatchObject({ error: { code: 'refresh-failed', reason: 'unavailable' } });
    expect(session.state.status).toBe('signed-in');
    // The default does not know vendors' codes.
    expect(refreshing(body).session.state.status).toBe('signed-out');
  });

  it.each([
    ['invalid_grant', 'signed-out'],
    ['invalid_client', 'signed-in'],
  ])('leaves other responses of the server to the default: %s', (error, status) => {
    expect(refreshing({ error }, classify).session.state.status).toBe(status);
  });
});
