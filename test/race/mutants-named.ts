import type { Mutant } from './mutant.ts';

const singleHolder = 'session/single-holder.ts';
const tokenSet = 'session/token-set.ts';

/** Faults that need what no schedule has: odd values, listeners that act, a network. A test finds each. */
export const namedMutants: readonly Mutant[] = [
  {
    name: 'discards tokens whose expiry is invalid',
    file: tokenSet,
    search: 'if (!lacksRefreshToken && !lacksExpiry)',
    replace: 'if (fault) return { tokens: null, fault };\n    if (!lacksRefreshToken && !lacksExpiry)',
    test: { file: 'session/token-set.test.ts', title: 'keeps tokens whose expiresAt is' },
  },
  {
    name: 'drops the refresh token when a refresh gives none',
    file: tokenSet,
    search: "const lacksRefreshToken = refreshToken === null || refreshToken === '';",
    replace: 'const lacksRefreshToken = false;',
    test: { file: 'session/session-odd-answers.test.ts', title: 'keeps the old refresh token' },
  },
  {
    name: 'treats a store that cannot be read as empty',
    file: singleHolder,
    search: 'if (isSluiceError(error)) return NOBODY;\n    throw error;',
    replace: 'return NOBODY;',
    test: { file: 'session/session-restore.test.ts', title: 'that throws makes the session unavailable' },
  },
  {
    name: 'leaves a spent refresh token in the store when a write has failed',
    file: singleHolder,
    search: 'return concat(set(null), entry ? set(entry) : []);',
    replace: 'throw error;',
    test: { file: 'session/session-two-tabs.test.ts', title: 'no spent refresh token stays' },
  },
  {
    name: 'does not notice that only the refresh token in the store has changed',
    file: singleHolder,
    search: "`${tokens?.accessToken ?? ''} ${tokens?.refreshToken ?? ''}`",
    replace: "tokens?.accessToken ?? ''",
    test: { file: 'session/session-two-tabs.test.ts', title: 'adopt a rotated refresh token' },
  },
  {
    name: 'deletes tokens that another tab has refreshed when its own refresh is refused',
    file: singleHolder,
    search: `return this.turn().pipe(
      concatMap((turn) => (turn.kind === 'newer' ? of({ kind: 'overtaken', stored: turn.stored } as const) : empty$)),
    );`,
    replace: 'return empty$;',
    test: { file: 'session/session-two-tabs.test.ts', title: 'the loser of a simultaneous refresh adopts the tokens' },
  },
  {
    name: 'treats its own write that has hung as a write of another tab',
    file: singleHolder,
    search: ' && !this.#hung?.includes(entry)',
    replace: '',
    test: { file: 'session/session-store-writes.test.ts', title: 'that hangs and takes effect' },
  },
  {
    name: 'lets a refresh replace newer tokens that the app has set by update()',
    file: 'session/refresh-flight.ts',
    search: "if (isOvertaken()) return of({ kind: 'superseded' });",
    replace: '',
    test: {
      file: 'session/session-store-shared.test.ts',
      title: 'the result of an older refresh does not replace its tokens',
    },
  },
  {
    name: 'signs out for a refused refresh before the store is written',
    file: 'session/refresh-flight.ts',
    search: 'return defer(() => lease.refuse()).pipe(',
    replace:
      "queueMicrotask(() => void lease.refuse().subscribe());\n  return of<{ kind: 'committed' } | { kind: 'overtaken'; stored: 'known' }>({ kind: 'committed' }).pipe(",
    test: { file: 'session/session-two-tabs.test.ts', title: 'a sign-in by a listener of `signed-out` stays' },
  },
  {
    name: 'ignores a request’s own credentials once the session is restored',
    file: 'http/session-request.ts',
    search:
      "if (credentialNames && credentialNames === this.#checked && typeof this.#config.data !== 'function') return false;",
    replace: "if (typeof this.#config.data !== 'function') return false;",
    test: { file: 'http/own-credentials.test.ts', title: 'keeps them while the session is restored' },
  },
  {
    name: 'conceals a token only together with its scheme',
    file: 'http/conceal-token.ts',
    search: String.raw`/\S+(?=\s*$)/.exec(value) ?? []`,
    replace: '[value]',
    test: { file: 'http/odd-failures.test.ts', title: 'has the token with another scheme than Bearer' },
  },
  {
    name: 'chooses the token of a resend before listeners of request-resent have run',
    file: 'session/request-lifecycle.ts',
    search: `    if (!this.hasOtherOwner && this.sends > 0)
      internals.emit({ type: 'request-resent', generation: internals.state.generation });`,
    replace: `    const { generation: before } = internals.state;
    if (!this.hasOtherOwner && this.sends > 0)
      internals.emit({ type: 'request-resent', generation: internals.state.generation });
    if (before !== internals.state.generation) {
      this.#generationAtSend = before;
      this.sends += 1;
      return;
    }`,
    test: { file: 'session/retry-owner.test.ts', title: 'when a listener of request-resent signs' },
  },
  {
    name: 'fails a 401 with a remembered failure although refresh$ is running',
    file: 'session/next-step.ts',
    search: "if (tokens.status === 'refreshing') return 'wait';",
    replace: '',
    test: { file: 'session/session-after-failure.test.ts', title: 'joining a refresh that was started since' },
  },
  {
    name: 'remembers a failed refresh for too long when the clock is set back',
    file: 'session/freshness.ts',
    search: 'passedMs >= 0 && ',
    replace: '',
    test: {
      file: 'session/session-odd-answers.test.ts',
      title: 'that is set back after a failed refresh does not make later requests fail',
    },
  },
  {
    name: 'adopts tokens from the store that are its own already',
    file: 'session/refresher.ts',
    search: 'if (owner === state.owner && isSameTokens(tokens, state.tokens)) return;',
    replace: '',
    test: {
      file: 'session/shared-faults-own-changes.test.ts',
      title: 'is not adopted as newer tokens when it is found in the store',
    },
  },
];
