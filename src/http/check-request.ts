import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { isAbsolute, isResolvable } from './trusted-origins.ts';

/** Says at the call, and not by an error later, what no subscription could make work. */
export function checkRequest(request: AxiosRequestConfig, observe: string, defaults: AxiosInstance['defaults']): void {
  const { url, baseURL = defaults.baseURL, allowAbsoluteUrls = defaults.allowAbsoluteUrls } = request;
  if (typeof url !== 'string') throw new InvalidInputError('A request needs a url: a string.');
  if (!['body', 'response', 'events'].includes(observe)) {
    throw new InvalidInputError(`observe is 'body', 'response' or 'events', not ${observe}.`);
  }
  if (allowAbsoluteUrls === false && isAbsolute(url)) {
    throw new InvalidInputError('The URL is absolute, and allowAbsoluteUrls is false.');
  }
  if (!isResolvable(url, baseURL)) {
    throw new InvalidInputError('The URL is relative and there is no page to start from: give the client a baseURL.');
  }
}
