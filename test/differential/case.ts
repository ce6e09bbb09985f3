import type { AxiosRequestConfig } from 'axios';
import { pathOf, type Answer } from './answer.ts';

/** One request. */
export interface Case {
  readonly name: string;
  readonly answer: Answer;
  /** Made anew for each send: bodies may be read only once. */
  config(places: Places): AxiosRequestConfig;
  /** Adapters that can do it; all, by default. */
  readonly adapters?: readonly string[];
  /** Whether aborting belongs to it: after so many milliseconds. */
  readonly abortAfterMs?: number;
}

/** Where the request may go. */
export interface Places {
  /** The base URL of this run. */
  readonly base: string;
  readonly elsewhere: string;
}

type Config = AxiosRequestConfig | ((places: Places) => AxiosRequestConfig);

/** Requests for the same answer, by what they are about. */
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
