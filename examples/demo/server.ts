import axios from 'axios';
import type { Counts, Mischief } from './api/auth-api.ts';

/** The server's report about itself. */
export interface ServerReport {
  readonly counts: Counts;
  readonly mischief: Mischief;
}

type Orders = Partial<Mischief> & { readonly expire?: true; readonly reset?: true };

const control = axios.create({ baseURL: location.origin });

const post = async (orders: Orders): Promise<ServerReport> =>
  (await control.post<ServerReport>('/api/control', orders)).data;
let last: Promise<unknown> = Promise.resolve();

/** Asks the server what it has received, and sets how it should fail, in the order of the calls. */
export const server = {
  report: async (): Promise<ServerReport> => (await control.get<ServerReport>('/api/control')).data,
  tell: (orders: Orders): Promise<ServerReport> => {
    const told = last.then(() => post(orders));
    last = told.catch(() => undefined);
    return told;
  },
};
