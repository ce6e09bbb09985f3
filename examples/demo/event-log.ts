import type { Session, SessionEvent } from 'sluice';

const KEPT = 60;

/** Lists the session's events, the newest first. They contain no token, so they can be shown and logged. */
export function showEvents(list: HTMLElement, session: Session): void {
  const began = performance.now();
  session.events$.subscribe((event) => {
    const item = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    const name = document.createElement('b');
    name.textContent = event.type;
    item.className = event.type;
    item.append(time, name, detailOf(event));
    list.prepend(item);
    while (list.childElementCount > KEPT) list.lastElementChild?.remove();
  });
}

function detailOf({ type: _type, ...rest }: SessionEvent): string {
  return Object.entries(rest)
    .map(([name, value]) => (name === 'generation' ? `no. ${String(value)}` : String(value)))
    .join(', ');
}
