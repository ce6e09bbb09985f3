import type { Mutant } from './mutant.ts';

const operator = 'session/retry-on-unauthorized.ts';
const lifecycle = 'session/request-lifecycle.ts';
const nextStep = 'session/next-step.ts';
const record = 'session/session-record.ts';
const refresher = 'session/refresher.ts';
const refreshFlight = 'session/refresh-flight.ts';
const flight = 'session/single-flight.ts';

/** Faults of the session itself. The explorer finds each with one holder. */
export const oneHolderMutants: readonly Mutant[] = [
  {
    name: 'refreshes for a 401 to an older token',
    file: nextStep,
    search: "if (request.carried === 'older') return 'go';",
    replace: '',
  },
  {
    name: 'does not limit the sends of a request',
    file: nextStep,
    search: "if (request.sends >= MAX_SENDS) return 'final';",
    replace: '',
    focus: {
      kinds: [
        'request',
        'answer',
        'refresh ok',
        'server rejects the token',
        'another tab refreshes',
        'the app updates the tokens',
      ],
    },
  },
  {
    name: 'does not limit the refreshes that a request causes',
    file: nextStep,
    search: "if (request.causedRefresh) return 'final';",
    replace: '',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'a minute passes'] },
  },
  {
    name: 'sends requests during a refresh instead of holding them',
    file: operator,
    search: 'const wait$ = lifecycle.waitBeforeSend();',
    replace: 'const wait$ = null as Observable<unknown> | null;',
  },
  {
    name: 'never refreshes for a request',
    file: nextStep,
    search: "tokens.canRefresh() ? 'refresh' : 'final'",
    replace: "'final'",
  },
  {
    name: 'ends a refresh when its last subscriber leaves',
    file: flight,
    search: 'resetOnRefCountZero: false',
    replace: 'resetOnRefCountZero: true',
  },
  {
    name: 'runs a refresh for each subscriber',
    file: flight,
    search: 'return group$;',
    replace: 'return source;',
  },
  {
    name: 'lets a refresh outlive its owner',
    file: record,
    search: 'this.#announce = announce;\n      this.#ownerChanged$?.next();',
    replace: 'this.#announce = announce;',
  },
  {
    name: 'signs out when the server is down',
    file: refresher,
    search: 'keepsSession || record.state.tokens === null',
    replace: 'record.state.tokens === null',
  },
  {
    name: 'keeps a session that was refused',
    file: refresher,
    search: "record.signedOut('expired');",
    replace: 'record.refreshEnded();',
  },
  {
    name: 'sends tokens that have expired by the clock',
    file: nextStep,
    search: "return recentRefresh === 'succeeded' ? 'go' : 'refresh';",
    replace: "return 'go';",
  },
  {
    name: 'sends requests with a dead token during its refresh',
    file: nextStep,
    search: "return !tokens.hasTokens || tokens.isRejected || freshness === 'dead' ? 'wait' : 'go'",
    replace: "return 'go'",
  },
  {
    name: 'does not count changes of the owner',
    file: record,
    search: 'this.#ownerChanges += 1;\n      this.#state = state;',
    replace: 'this.#state = state;',
  },
  {
    name: 'does not notice that the owner of a request has changed',
    file: lifecycle,
    search: 'return this.#internals.ownerChanges !== this.#ownerChanges;',
    replace: 'return false;',
  },
  {
    name: 'releases waiting requests before the store has the new tokens',
    file: refreshFlight,
    search: 'return lease.commit(owner, tokens).pipe(',
    replace:
      "void lease.commit(owner, tokens); return of<RefreshOutcome<T>>({ kind: 'refreshed', owner, tokens }).pipe(map((o) => o as never),",
  },
  {
    name: 'refreshes tokens again that were refreshed a moment ago',
    file: nextStep,
    search: "if (recentRefresh === 'succeeded' && tokens.freshness !== 'dead') return 'final';",
    replace: '',
    focus: { kinds: ['request', 'answer', 'refresh ok', 'server rejects the token'] },
  },
  {
    name: 'does not increase the generation at a refresh',
    file: record,
    search: 'const generation = this.#state.generation + 1;\n    this.#set(',
    replace: 'const generation = this.#state.generation;\n    this.#set(',
  },
  {
    name: 'treats another tab’s tokens as refreshed by itself',
    file: refresher,
    search: 'freshness.noteRefreshed(refreshedAt);',
    replace: 'freshness.noteRefreshed();',
    focus: {
      kinds: [
        'request',
        'answer',
        'refresh ok',
        'server rejects the token',
        'another tab refreshes',
        'a refresh is asked for',
      ],
    },
  },
];
