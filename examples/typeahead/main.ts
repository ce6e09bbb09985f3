import axios from 'axios';
import { exhaustMap, fromEvent, map, timer } from 'rxjs';
import { startApp } from '../shared/app.ts';
import { byId } from '../shared/by-id.ts';
import type { Exchange } from '../shared/exchange-log.ts';
import { searches } from './search.ts';
import { showExchanges, showSearch } from './show.ts';

const input = byId('query', HTMLInputElement);
const app = await startApp('sluice-typeahead');

const query$ = fromEvent(input, 'input').pipe(map(() => input.value.trim()));
searches(app.api, query$).subscribe((search) => {
  showSearch(byId('status', HTMLElement), byId('results', HTMLElement), search);
});

timer(0, 200)
  .pipe(exhaustMap(() => axios.get<Exchange[]>('/api/exchanges')))
  .subscribe(({ data }) => {
    showExchanges(byId('exchanges', HTMLElement), byId('summary', HTMLElement), data);
  });

byId('expire', HTMLButtonElement).addEventListener('click', () => {
  input.focus();
  void app.expireTokens();
});
input.disabled = false;
input.focus();
