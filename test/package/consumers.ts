import { inject } from 'vitest';

/** The packed package, and apps outside the repository in which it is installed. */
export interface Consumers {
  readonly tarball: string;
  /** Apps with the newest peers in range, with the oldest, and without axios. */
  readonly apps: { readonly newest: string; readonly oldest: string; readonly withoutAxios: string };
  /** The oldest supported Node; `null` if it cannot be installed. */
  readonly oldestNode: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The installed apps, or the reason why there are none: an unreachable registry then fails these tests, but no others. */
    consumers: Consumers | string;
  }
}

/**
 * Returns what globalSetup installed before the first test of the package.
 *
 * @throws the reason if it could install nothing
 */
export function consumers(): Consumers {
  const provided = inject('consumers');
  if (typeof provided === 'string') throw new Error(provided);
  return provided;
}
