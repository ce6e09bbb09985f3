import { describe, expect, it } from 'vitest';
import {
  MAX_SENDS,
  nextStep,
  type NextStep,
  type RequestHistory,
  type TokenSituation,
} from '../../src/session/next-step.ts';

const request = (history: Partial<RequestHistory>): RequestHistory => ({
  isUnauthorized: false,
  hasOtherOwner: false,
  sends: 0,
  causedRefresh: false,
  carried: 'current',
  ...history,
});
const refused = (history: Partial<RequestHistory> = {}): RequestHistory =>
  request({ isUnauthorized: true, sends: 1, ...history });

type Situation = Partial<Omit<TokenSituation, 'canRefresh'>> & { readonly canRefresh?: boolean };
const tokens = ({ canRefresh = true, ...situation }: Situation): TokenSituation => ({
  status: 'signed-in',
  hasTokens: true,
  hasEnded: false,
  freshness: 'fresh',
  isRejected: false,
  recentRefresh: 'none',
  canRefresh: () => canRefresh,
  ...situation,
});

type Row = readonly [step: NextStep, situation: Situation, history?: Partial<RequestHistory>];
const table = (rows: readonly Row[]) =>
  rows.map(([step, situation, history = {}]) => [step, situation, history] as const);

describe('nextStep before a send', () => {
  it.each(
    table([
      ['fail', {}, { hasOtherOwner: true }],
      ['fail', { status: 'restoring' }, { hasOtherOwner: true }],
      ['wait', { status: 'restoring', hasTokens: false }],
      ['fail', { status: 'disposed', hasTokens: false }],
      ['wait', { status: 'unavailable', hasTokens: false }],
      ['go', { status: 'signed-out', hasTokens: false }],
      ['go', { status: 'refreshing' }],
      ['go', { status: 'refreshing', freshness: 'due' }],
      ['wait', { status: 'refreshing', freshness: 'dead' }],
      ['wait', { status: 'refreshing', isRejected: true }],
      ['wait', { status: 'refreshing', hasTokens: false }],
      ['go', {}],
      ['go', { isRejected: true }],
      ['go', { recentRefresh: 'failed' }],
      ['go-and-refresh', { freshness: 'due' }],
      ['go', { freshness: 'due', recentRefresh: 'succeeded' }],
      ['go', { freshness: 'due', recentRefresh: 'failed' }],
      ['go', { freshness: 'due', canRefresh: false }],
      ['refresh', { freshness: 'dead' }],
      ['go', { freshness: 'dead', canRefresh: false }],
      ['go', { freshness: 'dead', recentRefresh: 'succeeded' }],
      ['fail', { freshness: 'dead', recentRefresh: 'failed' }],
    ]),
  )(
    'returns `%s` when the session has %j and the request %j (and otherwise what this file sets as defaults)',
    (step, situation, history) => {
      expect(nextStep(tokens(situation), request(history))).toBe(step);
    },
  );
});

describe('nextStep after a 401', () => {
  it.each(
    table([
      ['fail', {}, { hasOtherOwner: true }],
      ['fail', {}, { hasOtherOwner: true, carried: 'older' }],
      ['final', {}, { hasOtherOwner: true, carried: 'nothing' }],
      ['go', {}, { carried: 'older' }],
      ['go', { status: 'refreshing' }, { carried: 'older', causedRefresh: true }],
      ['final', {}, { carried: 'older', sends: MAX_SENDS }],
      ['final', {}, { causedRefresh: true }],
      ['final', { status: 'refreshing' }, { causedRefresh: true }],
      ['wait', { status: 'refreshing' }],
      ['wait', { status: 'refreshing', canRefresh: false }],
      ['refresh', {}],
      ['refresh', { freshness: 'due' }],
      ['refresh', { freshness: 'dead', recentRefresh: 'succeeded' }],
      ['final', { recentRefresh: 'succeeded' }],
      ['final', { recentRefresh: 'succeeded', freshness: 'due' }],
      ['fail', { recentRefresh: 'failed' }],
      ['fail', { recentRefresh: 'failed', freshness: 'dead', canRefresh: false }],
      ['final', { canRefresh: false }],
      ['refresh', { status: 'signed-out', hasTokens: false }, { carried: 'nothing' }],
      ['final', { status: 'signed-out', hasTokens: false, canRefresh: false }, { carried: 'nothing' }],
      ['final', { status: 'signed-out', hasTokens: false, hasEnded: true }, { carried: 'nothing' }],
      ['fail', { status: 'signed-out', hasTokens: false, recentRefresh: 'failed' }, { carried: 'nothing' }],
    ]),
  )(
    'returns `%s` when the session has %j and the request %j (and otherwise what this file sets as defaults)',
    (step, situation, history) => {
      expect(nextStep(tokens(situation), refused(history))).toBe(step);
    },
  );

  it('does not call canRefresh when its result changes nothing', () => {
    const situation = tokens({});
    const canRefresh = (): never => {
      throw new Error('canRefresh was called');
    };
    for (const history of [{ causedRefresh: true }, { carried: 'older' as const }, { sends: MAX_SENDS }])
      nextStep({ ...situation, canRefresh }, refused(history));
    expect(nextStep({ ...situation, canRefresh }, request({}))).toBe('go');
  });
});
