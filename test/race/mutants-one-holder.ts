import type { Mutant } from './mutant.ts';

const operator = 'session/retry-on-unauthorized.ts';
const lifecycle = 'session/request-lifecycle.ts';
const nextStep = 'session/next-step.ts';
const record = 'session/session-record.ts';
const refresher = 'session/refresher.ts';
const refreshFlight = 'session/refresh-flight.ts';
const flight = 'session/single-flight.ts';
const singleHolder = 'session/single-holder.ts';
const freshness = 'session/freshness.ts';

/** Faults of the session itself. The explorer catches each with one holder. */
export const oneHolderMutants: readonly Mutant[] = [
  {
    name: 'compares no generation',
    file: nextStep,
    search: "if (request.carried === 'older') return 'go';",
    replace: '',
  },
  { name: 'counts no sends', file: nextStep, search: "if (request.sends >= MAX_SENDS) return 'final';", replace: '' },
  {
    name: 'lets a request cause many refreshes',
    file: nextStep,
    search: "if (request.causedRefresh) return 'final';",
    replace: '',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'a minute passes'] },
  },
  {
    name: 'holds nobody',
    file: operator,
    search: 'const wait$ = lifecycle.waitBeforeSend();',
    replace: 'const wait$ = null as Observable<unknown> | null;',
  },
  {
    name: 'never renews',
    file: nextStep,
    search: "tokens.canRefresh() ? 'refresh' : 'final'",
    replace: "'final'",
  },
  {
    name: 'ref-counts the refresh',
    file: flight,
    search: 'resetOnRefCountZero: false',
    replace: 'resetOnRefCountZero: true',
  },
  {
    name: 'shares no refresh',
    file: flight,
    search: 'return group$;',
    replace: 'return source;',
  },
  {
    name: 'lets a refresh outlive its owner',
    file: record,
    search: 'this.#state = state;\n    this.#ownerChanged$?.next();',
    replace: 'this.#state = state;',
  },
  {
    name: 'signs out when the server is down',
    file: refresher,
    search: 'isForNow || record.state.tokens === null',
    replace: 'record.state.tokens === null',
  },
  {
    name: 'keeps a session that was refused',
    file: refresher,
    search: "record.signedOut('expired');",
    replace: 'record.refreshEnded();',
  },
  {
    name: 'forgets that the clock has run out',
    file: nextStep,
    search: "return recentRefresh === 'succeeded' ? 'go' : 'refresh';",
    replace: "return 'go';",
  },
  {
    name: 'lets requests go during a refresh for a dead token',
    file: nextStep,
    search: "return !tokens.hasTokens || tokens.isRejected || freshness === 'dead' ? 'wait' : 'go'",
    replace: "return 'go'",
  },
  {
    name: 'counts no change of owner',
    file: record,
    search: 'this.#ownerChanges += 1;\n    this.#state = state;',
    replace: 'this.#state = state;',
  },
  {
    name: 'does not know its owner',
    file: lifecycle,
    search: 'return this.#internals.ownerChanges !== this.#ownerChanges;',
    replace: 'return false;',
  },
  {
    name: 'releases before the store has them',
    file: refreshFlight,
    search: 'return lease.commit(owner, tokens).pipe(',
    replace:
      "void lease.commit(owner, tokens); return of<RefreshOutcome<T>>({ kind: 'refreshed', owner, tokens }).pipe(map((o) => o as never),",
  },
  {
    name: 'refreshes what was refreshed just now',
    file: nextStep,
    search: "if (recentRefresh === 'succeeded' && tokens.freshness !== 'dead') return 'final';",
    replace: '',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token'] },
  },
  {
    name: 'keeps the generation at a refresh',
    file: record,
    search: 'const generation = this.#state.generation + 1;\n    this.#set(',
    replace: 'const generation = this.#state.generation;\n    this.#set(',
  },
  {
    name: 'takes another tab’s tokens for its own',
    file: refresher,
    search: 'if (stored.isNew) freshness.noteRefreshed();',
    replace: 'freshness.noteRefreshed();',
  },
  {
    name: 'sends a request of one sign-in with the tokens of another that it has found (A2)',
    file: refresher,
    search: 'if (owner !== state.owner) record.signedIn(owner, tokens);',
    replace: 'if (state.owner === null) record.signedIn(owner, tokens);',
  },
  {
    name: 'takes a refresh for recent when the clock has been set back (A7)',
    file: freshness,
    search: 'passedMs >= 0 && ',
    replace: '',
    focus: {
      kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'the clock jumps back', 'a minute passes'],
    },
  },
  {
    name: 'gives a refresh up on waking (A8)',
    file: 'session/with-timeout.ts',
    search: 'Math.abs(asyncScheduler.now() - due) < OVERDUE_MS ? of(0) : timer(Math.min(ms, OVERDUE_MS))',
    replace: 'of(0)',
  },
  {
    name: 'signs in again after a sign-out because a cookie would do (A9)',
    file: nextStep,
    search: "if (tokens.hasEnded) return 'final';",
    replace: '',
    focus: { isCookie: true },
  },
  {
    name: 'adopts what an earlier write has left in the store (A11)',
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
    name: 'reads the store while it is being written',
    file: singleHolder,
    search: 'this.#writing ? concat(this.#writing, get$) : value$',
    replace: 'value$',
  },
  {
    name: 'settles for newer tokens that have been rejected as well',
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
    name: 'takes tokens that it has found for refreshed ones',
    file: lifecycle,
    search: 'this.causedRefresh ||= refreshCalled;',
    replace: 'this.causedRefresh = true || refreshCalled;',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'another tab refreshes'] },
  },
  {
    name: 'uses what comes late for a former owner',
    file: refresher,
    search: 'if (record.ownerChanges !== ownerChanges) callbacks.revoke(tokens);',
    replace: 'if (ownerChanges < 0) callbacks.revoke(tokens);',
    focus: { answersLate: true },
  },
  {
    name: 'gives up what comes late for its own owner',
    file: refresher,
    search: 'else if (state.generation === call.generation || isExchanged) {',
    replace: 'else if (state.generation < 0) {',
    focus: {
      answersLate: true,
      kinds: ['request', 'a late refresh answers', 'a minute passes', 'a refresh is asked for'],
    },
  },
  {
    name: 'believes an expiry that has passed on arrival',
    file: freshness,
    search: 'deadAt === undefined || deadAt <= receivedAt',
    replace: 'deadAt === undefined',
    focus: {
      kinds: ['request', 'answer', 'refresh ok', 'the clock jumps ahead', 'the clock jumps back', 'a minute passes'],
    },
  },
  {
    name: 'keeps the expiry of former tokens',
    file: refresher,
    search: 'this.#context.freshness.noteExpiry(outcome.tokens);',
    replace: '',
  },
  {
    name: 'lets requests wait although good tokens have come',
    file: refresher,
    search: 'if (!endsRefresh) this.#released$?.next({ tokens, refreshCalled: false });',
    replace: '',
    focus: {
      kinds: ['request', 'answer', 'server rejects the token', 'the app updates the tokens', 'a minute passes'],
    },
  },
  {
    name: 'refreshes again at once what could not be refreshed',
    file: refresher,
    search: 'freshness.noteFailed(error, retryAfterMs);',
    replace: 'void retryAfterMs;',
    focus: { kinds: ['request', 'answer', 'refresh unavailable', 'server rejects the token'] },
  },
];
