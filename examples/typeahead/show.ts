import type { Exchange } from '../shared/exchange-log.ts';
import type { Found } from './api.ts';
import type { Search } from './search.ts';

/** Shows the state of the search. The results stay in place while the next search runs, so that the page does not jump. */
export function showSearch(status: HTMLElement, results: HTMLElement, search: Search): void {
  status.textContent = sentenceOf(search);
  results.toggleAttribute('data-stale', search.status === 'searching');
  if (search.status === 'idle' || search.status === 'failed') results.replaceChildren();
  if (search.status === 'found') results.replaceChildren(...search.found.map((found) => resultOf(found, search.query)));
}

function sentenceOf(search: Search): string {
  switch (search.status) {
    case 'idle':
      return 'Type to search.';
    case 'searching':
      return `Searching for “${search.query}”…`;
    case 'found':
      return `${String(search.found.length)} found for “${search.query}”`;
    case 'failed':
      return `The search failed: ${String(search.error)}`;
  }
}

function resultOf({ name }: Found, query: string): HTMLElement {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = `https://rxjs.dev/api/index/function/${name}`;
  const at = name.toLowerCase().indexOf(query.toLowerCase());
  const mark = document.createElement('mark');
  mark.textContent = name.slice(at, at + query.length);
  link.append(name.slice(0, at), mark, name.slice(at + query.length));
  item.append(link);
  return item;
}

/** Shows what the server saw of the searches, the newest first. */
export function showExchanges(list: HTMLElement, summary: HTMLElement, exchanges: readonly Exchange[]): void {
  const searches = exchanges.filter(({ path }) => path.startsWith('/api/search'));
  const count = (end: Exchange['end']): number => searches.filter((exchange) => exchange.end === end).length;
  summary.textContent = `Answered: ${String(count('complete'))}. Closed by this page: ${String(count('closed'))}.`;
  list.replaceChildren(
    ...searches
      .slice(-8)
      .reverse()
      .map(({ path, end, status }) => {
        const item = document.createElement('li');
        const query = document.createElement('code');
        query.textContent = new URLSearchParams(path.split('?')[1]).get('q');
        const what = document.createElement('span');
        what.className = status === 401 ? 'refused' : end;
        what.textContent = { open: 'searching', complete: `answered ${String(status)}`, closed: 'closed by this page' }[
          end
        ];
        item.append(query, what);
        return item;
      }),
  );
}
