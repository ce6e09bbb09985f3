import type { AxiosInstance } from 'axios';

interface Answer<T> {
  readonly status: number;
  readonly data: T;
}
interface Echo {
  readonly method: string;
  readonly generation?: number;
  readonly text: string;
}
export declare const client: {
  readonly instance: AxiosInstance;
  setConfig(config: { baseURL?: string; throwOnError?: boolean; axios?: AxiosInstance }): unknown;
};
export declare function getEcho(options?: { query?: { n?: number }; throwOnError?: boolean }): Promise<Answer<Echo>>;
export declare function postEcho(options: { body: { text: string } }): Promise<Answer<Echo>>;
