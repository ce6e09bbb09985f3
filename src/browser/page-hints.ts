import { Observable } from 'rxjs';
import { randomId } from '../session/internal.ts';

/** Hints, sent between the pages and workers of an origin, that a record may have changed. A hint may arrive late, or never. */
export interface PageHints {
  /** Emits when another page or worker sends a hint, and when this page becomes visible or returns from the back/forward cache. */
  readonly news$: Observable<unknown>;
  /** Sends a hint to all other pages and workers. */
  tell(this: void): void;
  /**
   * Whether this page was suspended and has not read the record since: hints sent meanwhile may not have reached it. Set before any
   * listener of `pageshow` runs.
   */
  isBehind: boolean;
}

/** @param isStorageNews - called at each `storage` event; returns whether `news$` must emit */
export function pageHints(name: string, isStorageNews: () => boolean): PageHints {
  const self = randomId();
  const fallBehind = (): void => {
    hints.isBehind = true;
  };
  const news$ = new Observable<void>((subscriber) => {
    let channel: BroadcastChannel | undefined;
    const hint = (): void => subscriber.next();
    const open = (): void => {
      channel ??= new BroadcastChannel(name);
      channel.onmessage = ({ data }) => {
        if (data !== self) hint();
      };
    };
    // Close the channel when the page is hidden: a page that receives a message in the back/forward cache is discarded.
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
    on('pagehide', fallBehind);
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
      on('freeze', fallBehind, document);
    }
  });
  const hints: PageHints = {
    news$,
    tell: () => {
      const channel = new BroadcastChannel(name);
      channel.postMessage(self);
      channel.close();
    },
    isBehind: false,
  };
  return hints;
}
