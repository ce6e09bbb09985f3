import type { ServerReport } from './api.ts';

const SHOWN = 12;

/** Shows what the server has seen, with a mark for this tab. */
export function showReport({ tabs, refreshes }: ServerReport, own: string): void {
  const reused = refreshes.filter(({ isAccepted }) => !isAccepted).length;
  document.getElementById('refresh-count')!.textContent = String(refreshes.length);
  document.getElementById('reuse-count')!.textContent = String(reused);
  const chip = (tab: string): HTMLElement => cell('span', tab, tab === own ? 'chip own' : 'chip');
  replaceRows('refreshes', [...refreshes].reverse().slice(0, SHOWN), ({ n, tab, isAccepted }) => [
    cell('span', `Refresh ${n} by `),
    chip(tab),
    cell('span', isAccepted ? '' : ' refused'),
  ]);
  const active = tabs.filter(({ tab, requests, refreshes: its }) => tab === own || requests > 0 || its > 0);
  const body = document.querySelector('#tabs tbody')!;
  body.replaceChildren(
    ...active.map(({ tab, requests, unauthorized, refreshes: its }) => {
      const row = document.createElement('tr');
      const name = document.createElement('th');
      name.scope = 'row';
      name.append(chip(tab));
      row.append(name, ...[requests, unauthorized, its].map((count) => cell('td', String(count))));
      return row;
    }),
  );
}

function replaceRows<R>(id: string, rows: readonly R[], cellsOf: (row: R) => readonly HTMLElement[]): void {
  document.getElementById(id)!.replaceChildren(
    ...rows.map((row) => {
      const item = document.createElement('li');
      item.append(...cellsOf(row));
      return item;
    }),
  );
}

function cell(element: string, text: string, className = ''): HTMLElement {
  return Object.assign(document.createElement(element), { textContent: text, className });
}
