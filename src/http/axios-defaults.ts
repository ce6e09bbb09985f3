import axios from 'axios';

/** A copy of axios's defaults from before the app could change them. A default that differs from it now was set by the app. */
export const axiosDefaults: Partial<typeof axios.defaults> = /* @__PURE__ */ copyOf(axios);

function copyOf({ defaults }: Pick<typeof axios, 'defaults'>): Partial<typeof axios.defaults> {
  return {
    ...defaults,
    transitional: { ...defaults.transitional },
    env: { ...defaults.env },
    headers: { ...defaults.headers },
  };
}

/** What axios accepts as the transforms of a body: one, several in turn, or none. */
type Transforms<T> = T | T[] | null | undefined;

/**
 * Returns axios's own transform if it is the only one. Otherwise `undefined`: the app has set transforms, which must not be replaced.
 *
 * @param own - the default of axios
 */
export function soleDefaultTransform<T>(transforms: Transforms<T>, own: Transforms<T>): T | undefined {
  const [only] = toArray(transforms);
  return only === toArray(own)[0] && toArray(transforms).length === 1 ? only : undefined;
}

export function toArray<T>(transforms: Transforms<T>): readonly T[] {
  if (transforms == null) return [];
  return Array.isArray(transforms) ? transforms : [transforms];
}
