import type { Mutant } from './mutant.ts';

const lease = 'session/shared-lease.ts';
const turn = 'session/shared-turn.ts';
const port = 'session/shared-port.ts';
const record = 'session/shared-record.ts';
const core = 'session/session-core.ts';

/** Faults of sharing. The explorer finds each with two holders. */
export const twoHolderMutants: readonly Mutant[] = [
  {
    name: 'brings a session back by a refresh during which another holder signed out',
    file: lease,
    search: 'isWanted() && (!this.#isVoid(now) || this.#isPresented(now))',
    replace: 'isWanted()',
    focus: {
      news: 'held',
      kinds: ['request', 'answer', 'refresh ok', 'server rejects the token', 'sign out', 'a refresh is asked for'],
    },
  },
  {
    name: 'refreshes while another holder refreshes',
    file: turn,
    search: 'if (lease && lease.by !== record.id && record.stillMs < lease.forMs) return EMPTY;',
    replace: 'void lease;',
  },
  {
    name: 'takes a lease that its holder may still keep',
    file: turn,
    search: 'record.stillMs < lease.forMs',
    replace: 'record.stillMs < lease.forMs / 4',
    focus: {
      kinds: [
        'a refresh is asked for',
        'a minute passes',
        'the store fails',
        'the store recovers',
        'another holder dies with the lease',
      ],
    },
  },
  {
    name: 'does not renew its lease',
    file: lease,
    search: 'exhaustMap(() => this.#beat(beatMs)),',
    replace: 'exhaustMap(() => EMPTY),',
    focus: { kinds: ['a refresh is asked for', 'a minute passes', 'request', 'answer'] },
  },
  {
    name: 'ignores change notifications',
    file: port,
    search: 'record.isNews(now) ? record.tell(now) : EMPTY',
    replace: 'EMPTY',
  },
  {
    name: 'stores a sign-in again that has since ended',
    file: port,
    search: 'return isOver ? null : { ...nextGeneration(now), owner };',
    replace: 'return isOver && now === null ? null : { ...nextGeneration(now), owner };',
    focus: {
      kinds: [
        'sign out',
        'somebody signs in',
        'a write lands but is reported as failed',
        'the store fails',
        'the store recovers',
      ],
    },
  },
  {
    name: 'overwrites the refreshed tokens of another holder by an update',
    file: port,
    search: 'if (record.told !== told || now?.owner !== owner || now.generation !== told.generation) return null;',
    replace: 'if (now?.owner !== owner) return null;',
    focus: {
      news: 'held',
      kinds: [
        'a refresh is asked for',
        'refresh ok',
        'the app updates the access token',
        'the store fails',
        'the store recovers',
      ],
    },
  },
  {
    name: 'treats its own write between two changes as a write of another holder',
    file: record,
    search: 'if (isPending || (record && record.version < this.#version)) return false;',
    replace: 'if (isPending !== isPending || (record && record.version < this.#version)) return false;',
    focus: {
      kinds: [
        'sign out',
        'somebody signs in',
        'the store fails',
        'the store recovers',
        'a minute passes',
        'the app updates the tokens',
      ],
    },
  },
  {
    name: 'discards refreshed tokens because its lease is lost',
    file: lease,
    search: 'isWanted() && (!this.#isVoid(now) || this.#isPresented(now))',
    replace: 'isWanted() && !this.#isVoid(now)',
    focus: {
      kinds: [
        'a refresh is asked for',
        'refresh ok',
        'the store fails',
        'the store recovers',
        'the app updates the access token',
        'a minute passes',
      ],
    },
  },
  {
    name: 'keeps a refused refresh token for the sake of a newer access token',
    file: lease,
    search: 'this.#isPresented(now) && !(now?.lease && this.#isVoid(now))',
    replace: 'now?.generation === this.#granted?.generation && !(now?.lease && this.#isVoid(now))',
    focus: {
      kinds: [
        'a refresh is asked for',
        'refresh refused',
        'the app updates the access token',
        'request',
        'a minute passes',
      ],
    },
  },
  {
    name: 'loses another holder’s write that is reported after the outcome of a refresh',
    file: 'session/refresh-flight.ts',
    search: 'turn.lease.lost$.pipe(map(overtakenBy), takeUntil(decided$)),',
    replace: 'turn.lease.lost$.pipe(map(overtakenBy)),',
    focus: {
      kinds: [
        'a refresh is asked for',
        'refresh ok',
        'the app updates the tokens',
        'the app updates the access token',
        'the store fails',
        'sign out',
        'a minute passes',
        'request',
      ],
    },
  },
  {
    name: 'stores the tokens of update(), and does not use them when that ends a refresh',
    file: core,
    search: 'if (this.state.owner === owner && this.state.generation === generation)',
    replace:
      "if (this.state.owner === owner && this.state.generation === generation && this.state.status !== 'signed-in')",
  },
  {
    name: 'starts a refresh of a cookie session by signing out',
    file: core,
    search: '    const written$ = this.#store.signOut(owner);',
    replace: '    this.#lazyRefresher.dropUnsaved();\n    const written$ = this.#store.signOut(owner);',
    focus: {
      isCookie: true,
      start: 'signed out',
      kinds: ['request', 'answer', 'sign out', 'a write lands but is reported as failed', 'a refresh is asked for'],
    },
  },
];
