import type { AxiosRequestConfig } from 'axios';
import { pathOf, type Answer } from './answer.ts';

/** One request. */
export interface Case {
  readonly name: string;
  readonly answer: Answer;
  /** Makes the config again for each send, because bodies may be readable only once. */
  config(places: Places): AxiosRequestConfig;
  /** The adapters that support it; all by default. */
  readonly adapters?: readonly string[];
  /** Aborts the request after so many milliseconds. */
  readonly abortAfterMs?: number;
}

/** The URLs that the request may use. */
export interface Places {
  /** The base URL of this run. */
  readonly base: string;
  readonly elsewhere: string;
}

type Config = AxiosRequestConfig | ((places: Places) => AxiosRequestConfig);

/** Requests for the same response, by their names. */
export function casesOf(
  about: string,
  configs: Readonly<Record<string, Config>>,
  answer: Answer = { echo: true },
  more: Pick<Case, 'adapters' | 'abortAfterMs'> = {},
): Case[] {
  return Object.entries(configs).map(([name, config]) => ({
    name: `${about}: ${name}`,
    answer,
    config: (places) => ({ url: pathOf(answer), ...(typeof config === 'function' ? config(places) : config) }),
    ...more,
  }));
}
