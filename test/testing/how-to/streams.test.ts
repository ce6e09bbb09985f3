import { map } from 'rxjs';
import { eventStream } from 'sluice/streams';
import { testClient } from 'sluice/testing';
import { expect, it } from 'vitest';

it('shows each price as it comes, and closes the stream', async () => {
  const { api, http } = testClient();
  const prices: number[] = [];
  const subscription = eventStream(api, '/prices')
    .pipe(map(({ data }) => Number(data)))
    .subscribe((price) => prices.push(price));

  const request = await http.next('GET /prices');
  request.events([{ data: '3' }, { data: '4', id: '8' }]);
  await http.settled();
  expect(prices).toEqual([3, 4]);

  subscription.unsubscribe();
  expect(request.cancelled).toBe(true);
});
