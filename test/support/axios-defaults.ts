import axios from 'axios';

const { transitional, env } = axios.defaults;
const before = { transitional: { ...transitional }, env: { ...env } };
/** Restores axios's defaults after each test, whether changed in place or replaced. */
export const restoreAxiosDefaults = (): void => {
  Object.assign(axios.defaults, { transitional, env });
  for (const [one, was] of [
    [transitional, before.transitional],
    [env, before.env],
  ] as [object, object][]) {
    for (const key of Object.keys(one)) Reflect.deleteProperty(one, key);
    Object.assign(one, was);
  }
};
