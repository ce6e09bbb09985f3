import axios from 'axios';

/** What axios has before an app changes it, in place or as a whole. */
export const pristine: Partial<typeof axios.defaults> = {
  ...axios.defaults,
  transitional: { ...axios.defaults.transitional },
  env: { ...axios.defaults.env },
  headers: { ...axios.defaults.headers },
};
