import type { AxiosRequestConfig, AxiosResponse } from 'axios';

interface Echo {
  readonly method: string;
  readonly generation?: number;
  readonly text: string;
}
export declare function getUsers(): {
  getEcho(params?: { n?: number }, options?: AxiosRequestConfig): Promise<AxiosResponse<Echo>>;
  postEcho(note: { text: string }, options?: AxiosRequestConfig): Promise<AxiosResponse<Echo>>;
};
