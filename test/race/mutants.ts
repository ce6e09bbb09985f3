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
const passage = 'session/passage.ts';
const refresher = 'session/refresher.ts';
const refreshFlight = 'session/refresh-flight.ts';
const session = 'session/session.ts';
const flight = 'session/single-flight.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'compares no generation',
    file: passage,
    search: 'if (this.#sentIn.generation !== gate.state.generation) return now$;',
    replace: '',
  },
  { name: 'counts no sends', file: passage, search: 'if (this.#sends === MAX_SENDS) return null;', replace: '' },
  {
    name: 'lets a request cause many refreshes',
    file: passage,
    search: 'return this.#renewed ? null : gate.renew();',
    replace: 'return gate.renew();',
    kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'a minute passes'],
  },
  {
    name: 'holds nobody',
    file: operator,
    search: 'const wait$ = way.hold();',
    replace: 'const wait$ = null as Observable<unknown> | null;',
  },
  {
    name: 'never renews',
    file: passage,
    search: 'return this.#renewed ? null : gate.renew();',
    replace: 'return null;',
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
  { name: 'lets a refresh outlive its owner', file: session, search: 'changes$.next();', replace: '' },
  {
    name: 'signs out when the server is down',
    file: refreshFlight,
    search: 'error instanceof RefreshFailedError || tokens === null',
    replace: 'tokens === null',
  },
  {
    name: 'keeps a session that was refused',
    file: refreshFlight,
    search: "expire('expired');",
    replace: "record.move({ status: 'signed-in', tokens, generation, epoch });",
  },
  {
    name: 'forgets that the clock has run out',
    file: refresher,
    search: "if (dead) return start('expiring');",
    replace: '',
  },
  {
    name: 'lets requests go during a refresh for a dead token',
    file: refresher,
    search: 'return tokens === null || rejected === generation || dead ? join() : null;',
    replace: 'return null;',
  },
  {
    name: 'keeps the epoch at sign-in',
    file: session,
    search: 'epoch: restored ? epoch : epoch + 1',
    replace: 'epoch',
  },
  {
    name: 'hears nothing of other tabs signing out',
    file: session,
    search: "if (tokens === null) leave('elsewhere');\n    else if",
    replace: 'if (tokens === null) return;\n    else if',
  },
  {
    name: 'does not know its owner',
    file: passage,
    search: 'return this.#gate.state.epoch !== this.#epoch;',
    replace: 'return false;',
  },
  {
    name: 'releases before the store has them',
    file: refreshFlight,
    search: 'return store.write(next).pipe(',
    replace: 'void store.write(next); return of(next).pipe(',
  },
  {
    name: 'refreshes what was refreshed just now',
    file: refresher,
    search: '(settled && now() < expiry.deadAt) || ',
    replace: '',
  },
  {
    name: 'keeps the generation at a refresh',
    file: refresher,
    search: 'const generation = record.state.generation + 1;',
    replace: 'const generation = record.state.generation;',
  },
  {
    name: 'takes its own late write for another tab’s',
    file: refreshFlight,
    search: ' && !isSame(stored, record.state.tokens)',
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
    search: 'if (record.state.generation !== before)',
    replace: 'if (before < 0)',
    kinds: ['request', 'answer', 'refresh ok', 'another tab refreshes', 'store writes', 'server rejects the token'],
  },
  {
    name: 'refreshes what another tab refreshed while the lock was waited for',
    file: refreshFlight,
    search: 'record.state.generation !== started && !isRejected()',
    replace: 'started < 0',
  },
  {
    name: 'settles for newer tokens that have been rejected as well',
    file: refreshFlight,
    search: 'if (isRejected() && callbacks.canRefresh(tokens))',
    replace: 'if (started < 0)',
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
    file: passage,
    search: 'this.#renewed ||= asked;',
    replace: 'this.#renewed = true || asked;',
    kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'another tab refreshes, untold'],
  },
  {
    name: 'takes another tab’s tokens for its own',
    file: refresher,
    search: "if (type === 'refresh-succeeded') last",
    replace: 'last',
  },
];
