import type { AxiosResponse } from 'axios';

const landings = new WeakMap<object, string>();

/** Notes where answers came from, which axios does not pass on. One for all: axios keeps an adapter for each that it is given. */
export const tracedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  // Axios gives a string where there is no `Request`.
  if (typeof input === 'object') landings.set(input, response.url);
  return response;
};

/** Where an answer came from after redirects, if the adapter can tell: axios's own can, but fetch before axios 1.12. */
export function landingOf({ request }: AxiosResponse): string | undefined {
  const { res, responseURL } = (request ?? {}) as { responseURL?: string; res?: { responseUrl?: string } };
  return res?.responseUrl ?? responseURL ?? landings.get(request as object);
}
