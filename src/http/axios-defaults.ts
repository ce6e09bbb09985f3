import axios from 'axios';

/** What axios has before an app changes it, in place or as a whole. */
export const axiosDefaults: Partial<typeof axios.defaults> = /* @__PURE__ */ copyOf(axios);

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
export function soleDefaultTransform<T>(transforms: Transforms<T>, own: Transforms<T>): T | undefined {
  const [only] = toArray(transforms);
  return only === toArray(own)[0] && toArray(transforms).length === 1 ? only : undefined;
}

export function toArray<T>(transforms: Transforms<T>): readonly T[] {
  if (transforms == null) return [];
  return Array.isArray(transforms) ? transforms : [transforms];
}
