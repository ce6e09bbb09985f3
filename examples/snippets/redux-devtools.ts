import { merge, type Subscription } from 'rxjs';
import type { Client, Session } from 'sluice';
import { traceRequests } from 'sluice/devtools';

/** The part of the Redux DevTools extension that is used. */
interface ReduxExtension {
  connect(options: { name: string }): { init(state: object): void; send(action: object, state: object): void };
}

/** Shows a session and its requests in the Redux DevTools extension, where the browser has it. */
export function connectReduxDevtools(session: Session, api: Client): Subscription | undefined {
  const { __REDUX_DEVTOOLS_EXTENSION__: extension } = globalThis as { __REDUX_DEVTOOLS_EXTENSION__?: ReduxExtension };
  const panel = extension?.connect({ name: 'Sluice' });
  // Without the tokens, which the extension would keep and export.
  const shown = () => ({ ...session.state, tokens: session.state.tokens === null ? 'none' : 'hidden' });
  panel?.init(shown());
  return panel && merge(session.events$, traceRequests(api)).subscribe((event) => panel.send(event, shown()));
}
