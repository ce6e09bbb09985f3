import { Observable } from 'rxjs';
import { randomId } from '../session/internal.ts';

/** Hints of this origin's pages and workers that a record may have changed. They say nothing more: a hint may come late, or never. */
export interface PageHints {
  /** Another holder says that the record may have changed, or this page was away. */
  readonly news$: Observable<unknown>;
  /** Tells all other holders. */
  tell(this: void): void;
}

/** @param isStorageNews - called at each change of `localStorage` by another page */
export function pageHints(name: string, isStorageNews: () => boolean): PageHints {
  const self = randomId();
  const news$ = new Observable<void>((subscriber) => {
    let channel: BroadcastChannel | undefined;
    const hint = (): void => subscriber.next();
    const open = (): void => {
      channel ??= new BroadcastChannel(name);
      channel.onmessage = ({ data }) => {
        if (data !== self) hint();
      };
    };
    // An open channel that gets a message keeps the page out of the back/forward cache.
    const close = (): void => {
      channel?.close();
      channel = undefined;
    };
    const on = (type: string, listener: (event: Event) => void, target: EventTarget = globalThis): void => {
      target.addEventListener(type, listener);
      subscriber.add(() => target.removeEventListener(type, listener));
    };
    open();
    subscriber.add(close);
    on('pagehide', close);
    on('pageshow', (event) => {
      open();
      if ((event as PageTransitionEvent).persisted) hint();
    });
    on('storage', () => {
      if (isStorageNews()) hint();
    });
    // A worker has no document.
    if ('document' in globalThis) {
      const onVisibility = (): void => {
        if (document.visibilityState === 'visible') hint();
      };
      on('visibilitychange', onVisibility, document);
    }
  });
  return {
    news$,
    tell: () => {
      const channel = new BroadcastChannel(name);
      channel.postMessage(self);
      channel.close();
    },
  };
}
