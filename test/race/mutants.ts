/** A deliberate fault: `search` stands once in `file`, and `replace` takes its place. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  /** The events that it takes, where a schedule of any would hardly ever do. */
  readonly kinds?: readonly string[];
}

const operator = 'session/retry-on-unauthorized.ts';
const lifecycle = 'session/request-lifecycle.ts';
const nextStep = 'session/next-step.ts';
const record = 'session/session-record.ts';
const refresher = 'session/refresher.ts';
const refreshFlight = 'session/refresh-flight.ts';
const session = 'session/session.ts';
const flight = 'session/single-flight.ts';

export const mutants: readonly Mutant[] = [
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
    kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'a minute passes'],
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
    search: 'return branch$;',
    replace: 'return source;',
  },
  { name: 'lets a refresh outlive its owner', file: record, search: 'this.#ownerChanged$.next();', replace: '' },
  {
    name: 'signs out when the server is down',
    file: refresher,
    search: 'isForNow || failed.tokens === null',
    replace: 'failed.tokens === null',
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
    name: 'keeps the epoch at sign-in',
    file: record,
    search: "{ status: 'signed-in', tokens, generation, epoch: epoch + 1 }",
    replace: "{ status: 'signed-in', tokens, generation, epoch }",
  },
  {
    name: 'hears nothing of other tabs signing out',
    file: session,
    search: "if (tokens === null) record.signedOut('elsewhere');\n      else if",
    replace: 'if (tokens === null) return;\n      else if',
  },
  {
    name: 'does not know its owner',
    file: lifecycle,
    search: 'return this.#internals.state.epoch !== this.#epoch;',
    replace: 'return false;',
  },
  {
    name: 'releases before the store has them',
    file: refreshFlight,
    search: 'return store.write(tokens).pipe(',
    replace: 'void store.write(tokens); return of(tokens).pipe(',
  },
  {
    name: 'refreshes what was refreshed just now',
    file: nextStep,
    search: "if (recentRefresh === 'succeeded' && tokens.freshness !== 'dead') return 'final';",
    replace: '',
    kinds: ['request', 'answer', 'refresh ok', 'server rejects the token'],
  },
  {
    name: 'keeps the generation at a refresh',
    file: record,
    search: 'const generation = this.#state.generation + 1;\n    this.#set(',
    replace: 'const generation = this.#state.generation;\n    this.#set(',
  },
  {
    name: 'takes its own late write for another tab’s',
    file: refreshFlight,
    search: ' && !hasSameAccessToken(stored, record.state.tokens)',
    replace: '',
  },
  {
    name: 'overwrites what another tab wrote',
    file: 'session/store-access.ts',
    search: 'if (adoptions !== asked) return of(undefined);',
    replace: '',
    kinds: [
      'request',
      'answer',
      'refresh ok',
      'somebody signs in',
      'another tab refreshes, the old token dies',
      'store writes',
      'server rejects the token',
    ],
  },
  {
    name: 'goes on with older tokens than the store has',
    file: refreshFlight,
    search: 'record.state.generation === before ?',
    replace: 'before >= 0 ?',
    kinds: ['request', 'answer', 'refresh ok', 'another tab refreshes', 'store writes', 'server rejects the token'],
  },
  {
    name: 'refreshes what another tab refreshed while the lock was waited for',
    file: refreshFlight,
    search: 'record.state.generation !== started && !freshness.isRejected(record.state)',
    replace: 'started < 0',
  },
  {
    name: 'settles for newer tokens that have been rejected as well',
    file: refresher,
    search: 'if (this.isRejected && this.canRefresh())',
    replace: 'if (this.isRejected === null)',
    kinds: [
      'request',
      'answer',
      'refresh unavailable',
      'server rejects the token',
      'another tab refreshes',
      'a minute passes',
    ],
  },
  {
    name: 'takes tokens that it has found for refreshed ones',
    file: lifecycle,
    search: 'this.causedRefresh ||= refreshCalled;',
    replace: 'this.causedRefresh = true || refreshCalled;',
    kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'another tab refreshes, untold'],
  },
  {
    name: 'takes another tab’s tokens for its own',
    file: refresher,
    search: "if (type === 'refresh-succeeded') this.#freshness",
    replace: 'this.#freshness',
  },
];
