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
    name: 'compares no generation',
    file: nextStep,
    search: "if (request.carried === 'older') return 'go';",
    replace: '',
  },
  {
    name: 'counts no sends',
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
