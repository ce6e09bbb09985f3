import { inject } from 'vitest';

/** The packed package, and apps outside the repository that have it installed. */
export interface Consumers {
  readonly tarball: string;
  /** With the newest peers in range, with the oldest, and with no axios at all. */
  readonly apps: { readonly newest: string; readonly oldest: string; readonly withoutAxios: string };
  /** Names the compilers by version. */
  readonly compilers: Readonly<Record<string, string>>;
  /** The oldest Node that is supported; `null` where it cannot be installed. */
  readonly oldestNode: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Or why there are none: a registry out of reach fails these tests, not all the others. */
    consumers: Consumers | string;
  }
}

/** What was installed before the first test of the package. */
export function consumers(): Consumers {
  const provided = inject('consumers');
  if (typeof provided === 'string') throw new Error(provided);
  return provided;
}
