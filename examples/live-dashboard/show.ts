import type { RequestState } from 'sluice/operators';
import { byId } from '../shared/by-id.ts';
import type { Metrics, Service } from './api.ts';
import type { Incidents } from './data.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Shows the newest value of each measurement, and its course as a line. */
export function showMetrics(latest: readonly Metrics[]): void {
  for (const name of ['requestsPerSecond', 'latencyMs', 'errorsPerMinute'] as const) {
    const values = latest.map((metrics) => metrics[name]);
    const tile = byId(name, HTMLElement);
    tile.querySelector('strong')!.textContent = String(values.at(-1));
    const top = Math.max(...values, 1);
    const points = values.map(
      (value, n) => `${String(100 - values.length + 1 + n)},${String(30 - (27 * value) / top)}`,
    );
    const line = document.createElementNS(SVG, 'polyline');
    line.setAttribute('points', points.join(' '));
    tile.querySelector('svg')!.replaceChildren(line);
  }
}

export function showServices({ status, value, error }: RequestState<readonly Service[]>): void {
  const panel = byId('services', HTMLElement);
  panel.dataset['status'] = status;
  byId('services-status', HTMLElement).textContent = sentenceOf(status, error);
  byId('reload', HTMLButtonElement).textContent = status === 'error' ? 'Try again' : 'Reload';
  if (value === undefined) return;
  panel
    .querySelector('tbody')!
    .replaceChildren(...value.map(({ name, version, instances }) => row(name, version, String(instances))));
}

export function showIncidents({ status, value, error }: RequestState<Incidents>): void {
  byId('incidents-status', HTMLElement).textContent = sentenceOf(status, error);
  byId('more', HTMLButtonElement).hidden = value?.hasMore !== true;
  byId('incidents', HTMLElement)
    .querySelector('tbody')!
    .replaceChildren(
      ...(value?.items ?? []).map(({ id, title, minutes }) => row(`#${String(id)}`, title, `${String(minutes)} min`)),
    );
}

function sentenceOf(status: RequestState<unknown>['status'], error: unknown): string {
  if (status === 'error') return error instanceof Error ? error.message : 'failed';
  return status === 'loading' || status === 'reloading' ? `${status}…` : '';
}

function row(...cells: readonly string[]): HTMLElement {
  const made = document.createElement('tr');
  for (const text of cells) made.insertCell().textContent = text;
  return made;
}
