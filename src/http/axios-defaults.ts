import axios from 'axios';

/** What axios has before an app changes it, in place or as a whole. */
export const pristine: Partial<typeof axios.defaults> = /* @__PURE__ */ copyOf(axios);

function copyOf({ defaults }: Pick<typeof axios, 'defaults'>): Partial<typeof axios.defaults> {
  return {
    ...defaults,
    transitional: { ...defaults.transitional },
    env: { ...defaults.env },
    headers: { ...defaults.headers },
  };
}

/** One transform of bodies, or several in turn. */
type Transforms<T> = T | T[] | null | undefined;

/** The transform that axios brings, if these are nothing else. */
export function onlyOwn<T>(transforms: Transforms<T>, own: Transforms<T>): T | undefined {
  const [only] = listed(transforms);
  return only === listed(own)[0] && listed(transforms).length === 1 ? only : undefined;
}

export function listed<T>(transforms: Transforms<T>): readonly T[] {
  if (transforms == null) return [];
  return Array.isArray(transforms) ? transforms : [transforms];
}
