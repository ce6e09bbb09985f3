import type { InternalAxiosRequestConfig } from 'axios';
import { afterEach, expect, it, vi } from 'vitest';
import { AxiosTarget } from '../../src/http/request-target.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it.each([
  ['https://app.example.com/app/', 'api/x', undefined, 'https://app.example.com/app/api/x'],
  ['https://api.example.com/v1/', 'x', undefined, 'https://api.example.com/v1/x'],
  ['https://app.example.com/app/', 'x', 'api', 'https://app.example.com/app/api/x'],
])('`authorize` sees the URL that a <base> of %s gives to %s', (baseURI, url, baseURL, absolute) => {
  vi.stubGlobal('location', { href: 'https://app.example.com/app/orders/1' });
  vi.stubGlobal('document', { baseURI });
  const config = { url, baseURL, method: 'get' } as unknown as InternalAxiosRequestConfig;
  expect(new AxiosTarget(config).url).toBe(absolute);
});
