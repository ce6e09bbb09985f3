import type { AxiosStatic } from 'axios';
import { vi } from 'vitest';
import type { Library } from './ways.ts';

export const versions = { oldest: 'axios-oldest', newest: 'axios' } as const;
export type Version = keyof typeof versions;

export async function load(version: Version): Promise<Library> {
  const axios = (await import(versions[version])) as { readonly default: AxiosStatic };
  vi.resetModules();
  vi.doMock('axios', () => axios);
  try {
    return { axios: axios.default, sluice: await import('sluice') };
  } finally {
    vi.doUnmock('axios');
  }
}
