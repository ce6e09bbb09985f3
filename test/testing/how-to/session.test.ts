import { firstValueFrom } from 'rxjs';
import { testClient, testSession } from 'sluice/testing';
import { expect, it } from 'vitest';

it('loads the orders after one refresh', async () => {
  const { session, refreshes, nextRefresh } = testSession();
  const { api, http } = testClient({ session });
  const orders = firstValueFrom(api.get('/orders'));

  (await http.next('GET /orders')).flush(null, { status: 401 });
  (await nextRefresh()).succeed();
  const resent = await http.next('GET /orders');
  expect(resent).toMatchObject({ attempt: 2, authorized: true });
  resent.flush(['tea']);

  expect(await orders).toEqual(['tea']);
  expect(refreshes).toHaveLength(1);
});

it('leads to the sign-in page when the refresh is refused', async () => {
  const { session, expire, nextRefresh } = testSession();
  const { api, http } = testClient({ session });
  const pages: string[] = [];
  session.state$.subscribe(({ reason }) => reason === 'expired' && pages.push('/sign-in'));

  expire();
  const orders = firstValueFrom(api.get('/orders'));
  (await nextRefresh()).fail();

  await expect(orders).rejects.toMatchObject({ code: 'session-expired' });
  expect(pages).toEqual(['/sign-in']);
  http.expectNone('/orders');
});
