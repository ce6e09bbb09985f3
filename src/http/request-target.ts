import axios, { type InternalAxiosRequestConfig } from 'axios';
import { documentBase, parseUrl, type RequestTarget } from '../session/internal.ts';
import { isAbsolute } from './trusted-origins.ts';

/** Where a request goes. Both properties are getters, because few sends need them. */
export class AxiosTarget implements RequestTarget {
  readonly #config: InternalAxiosRequestConfig;

  constructor(config: InternalAxiosRequestConfig) {
    this.#config = config;
  }

  get method(): string {
    return (this.#config.method ?? 'get').toUpperCase();
  }
  get url(): string {
    const { url = '', baseURL = '', socketPath } = this.#config;
    // `axios.getUri` merges the defaults of axios first, which takes as long as all that Sluice does for a request.
    const plain = isAbsolute(url) || baseURL === '' ? url : joined(baseURL, url);
    const full = this.#config.params == null ? plain : axios.getUri(this.#config);
    // With a `socketPath`, axios sends a URL that is only a path as if it were one of `http://localhost`.
    const from = socketPath ? 'http://localhost' : documentBase();
    return parseUrl(full, from)?.href ?? full;
  }
}

const joined = (base: string, url: string): string =>
  url === '' ? base : `${base.replace(/\/?\/$/, '')}/${url.replace(/^\/+/, '')}`;
