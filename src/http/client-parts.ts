import type { AxiosInstance } from 'axios';
import type { Session } from '../session/index.ts';

/** What other folders of this package need of a client. */
export interface ClientParts {
  readonly instance: AxiosInstance;
  readonly session: Session | undefined;
}

// A registered symbol is the same in every installed copy of the package, so that each finds the parts of the others' clients.
const clientKey: unique symbol = Symbol.for('sluice.client');

/** Adds the parts to the client, under a symbol. A copy such as `{ ...client }` has them, too. */
export function withParts<C extends object>(client: C, parts: ClientParts): C {
  return Object.assign(client, { [clientKey]: parts });
}

/** Returns the parts of a client; `undefined` for an object that only looks like a client, such as a mock in a test. */
export function partsOf(client: object): ClientParts | undefined {
  return (client as { readonly [clientKey]?: ClientParts })[clientKey];
}
