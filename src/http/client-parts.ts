import type { AxiosInstance } from 'axios';
import type { Session } from '../session/index.ts';

/** What other folders of this package need of a client. */
export interface ClientParts {
  readonly instance: AxiosInstance;
  readonly session: Session | undefined;
}

// A registered symbol is the same in every installed copy of the package.
const clientKey: unique symbol = Symbol.for('sluice.client');

/** Keeps them with the client, under a symbol: `{ ...client }` has them, too. */
export function withParts<C extends object>(client: C, parts: ClientParts): C {
  return Object.assign(client, { [clientKey]: parts });
}

/** `undefined` for an object of one's own that has the methods of a client, as tests make them. */
export function partsOf(client: object): ClientParts | undefined {
  return (client as { readonly [clientKey]?: ClientParts })[clientKey];
}
