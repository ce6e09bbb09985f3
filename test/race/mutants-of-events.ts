import type { Mutant } from './mutant.ts';

const lifecycle = 'session/request-lifecycle.ts';
const nextStep = 'session/next-step.ts';
const refresher = 'session/refresher.ts';
const singleHolder = 'session/single-holder.ts';
const freshness = 'session/freshness.ts';

/**
 * Faults that show only with events of the store, of the clock, or with late results. The explorer finds each with
 * one holder.
 */
export const eventMutants: readonly Mutant[] = [
  {
    name: 'sends a request of one sign-in with the tokens of another sign-in that it has found in the store',
    file: refresher,
    search: 'if (owner !== state.owner) record.signedIn(owner, tokens);',
    replace: 'if (state.owner === null) record.signedIn(owner, tokens);',
  },
  {
    name: 'treats an old refresh as recent when the clock has been set back',
    file: freshness,
    search: 'passedMs >= 0 && ',
    replace: '',
    focus: {
      kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'the clock jumps back', 'a minute passes'],
    },
  },
  {
    name: 'ends a refresh by its timeout as soon as the machine wakes',
    file: 'session/with-timeout.ts',
    search: 'Math.abs(asyncScheduler.now() - due) < OVERDUE_MS ? of(0) : timer(Math.min(ms, OVERDUE_MS))',
    replace: 'of(0)',
  },
  {
    name: 'restores a cookie session after a sign-out',
    file: nextStep,
    search: "if (tokens.hasEnded) return 'final';",
    replace: '',
    focus: { isCookie: true },
  },
  {
    name: 'treats what its own earlier write left in the store as another tab’s tokens',
    file: singleHolder,
    search: "(this.#own ??= ['?']).push(fingerprint(tokens));",
    replace: 'this.#own = [fingerprint(tokens)];',
    focus: {
      kinds: [
        'a refresh is asked for',
        'refresh ok',
        'a write lands but is reported as failed',
        'the app updates the tokens',
        'the store fails',
        'the store recovers',
      ],
    },
  },
  {
    name: 'reads the store before its own write has ended',
    file: singleHolder,
    search: 'this.#writing ? concat(this.#writing, get$) : value$',
    replace: 'value$',
  },
  {
    name: 'ends a refresh with newer tokens that have been rejected as well',
    file: refresher,
    search: "if (freshness.isRejected && freshness.recentRefresh !== 'succeeded' && freshness.canRefresh())",
    replace: 'if (freshness.isRejected === null)',
    focus: {
      kinds: [
        'request',
        'answer',
        'refresh ok',
        'server rejects the token',
        'the app updates the tokens',
        'a refresh is asked for',
      ],
    },
  },
  {
    name: 'counts tokens that it has found in the store as a refresh',
    file: lifecycle,
    search: 'this.causedRefresh ||= refreshCalled;',
    replace: 'this.causedRefresh = true || refreshCalled;',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'another tab refreshes'] },
  },
  {
    name: 'keeps a late refresh result of a former owner instead of revoking it',
    file: refresher,
    search: 'if (record.ownerChanges !== ownerChanges) callbacks.revoke(tokens);',
    replace: 'if (ownerChanges < 0) callbacks.revoke(tokens);',
    focus: { answersLate: true },
  },
  {
    name: 'discards a late refresh result of the current owner',
    file: refresher,
    search: 'else if (record.state.generation === call.generation || isExchanged) {',
    replace: 'else if (record.state.generation < 0) {',
    focus: {
      answersLate: true,
      kinds: ['request', 'a late refresh answers', 'a minute passes', 'a refresh is asked for'],
    },
  },
  {
    name: 'uses an expiry that has passed when the tokens arrive',
    file: freshness,
    search: 'deadAt === undefined || deadAt <= receivedAt',
    replace: 'deadAt === undefined',
    focus: {
      kinds: ['request', 'answer', 'refresh ok', 'the clock jumps ahead', 'the clock jumps back', 'a minute passes'],
    },
  },
  {
    name: 'keeps the expiry of the old tokens after a refresh',
    file: refresher,
    search: 'freshness.noteRefreshed();\n    this.#context.freshness.noteExpiry(tokens);',
    replace: 'freshness.noteRefreshed();',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'a minute passes'] },
  },
  {
    name: 'keeps requests waiting although update() has brought valid tokens',
    file: refresher,
    search: 'if (!endsRefresh) this.#released$?.next({ tokens, refreshCalled: false });',
    replace: '',
    focus: {
      kinds: ['request', 'answer', 'server rejects the token', 'the app updates the tokens', 'a minute passes'],
    },
  },
  {
    name: 'starts another refresh immediately after a failed one',
    file: refresher,
    search: 'freshness.noteFailed(error, retryAfterMs);',
    replace: 'void retryAfterMs;',
    focus: { kinds: ['request', 'answer', 'refresh unavailable', 'server rejects the token'] },
  },
];
