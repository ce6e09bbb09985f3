/** The kinds of events in worlds of either kind. With two holders, each event has the name of its holder. */
const common = [
  'request',
  'unsubscribe',
  'answer',
  'refresh ok',
  'refresh refused',
  'refresh unavailable',
  'server rejects the token',
  'sign out',
  'somebody signs in',
  'a minute passes',
  'dispose',
] as const;

/** Further kinds; schedules with all of them are too many for six events. */
const later = [
  'a refresh is asked for',
  'a late refresh answers',
  'the app updates the tokens',
  'the app updates the access token',
  'the clock jumps ahead',
  'the clock jumps back',
  'the machine sleeps',
  'the store fails',
  'the store recovers',
  'a write lands but is reported as failed',
] as const;

/** What happens to writes to a store that is not shared, and what another tab does with that store without notifying this one. */
const oneHolder = [
  'store writes',
  'another tab refreshes',
  'another tab refreshes, the old token dies',
  'another tab signs out',
  'another tab signs in',
] as const;

/** What happens to the change notifications of a shared store, and to a holder (a session that shares it) that dies. */
const twoHolders = [
  'news arrives',
  'news is lost',
  'another holder dies with the lease',
  'the dead holder wakes up',
] as const;

export type Kind = (typeof common | typeof later | typeof oneHolder | typeof twoHolders)[number];

/** Everything that can happen with one holder, and with two. */
export const kindsOf: Readonly<Record<1 | 2, readonly Kind[]>> = {
  1: [...common, ...later, ...oneHolder],
  2: [...common, ...later, ...twoHolders],
};

/** So few kinds that schedules of many events can be enumerated. */
export const coreKindsOf: Readonly<Record<1 | 2, readonly Kind[]>> = {
  1: [...common, ...oneHolder],
  2: [
    ...common,
    ...twoHolders,
    'the store fails',
    'the store recovers',
    'a write lands but is reported as failed',
    'the clock jumps ahead',
    'the clock jumps back',
    'the machine sleeps',
  ],
};
