import type { Contender } from '../contender.ts';
import { alova } from './alova.ts';
import { angularRecipe, angularSluice } from './angular.ts';
import { axiosAuthRefresh } from './axios-auth-refresh.ts';
import { axiosObservable } from './axios-observable.ts';
import { ky } from './ky.ts';
import { oauth2Client } from './oauth2-client.ts';
import { rawAxios } from './raw-axios.ts';
import { recipe } from './recipe.ts';
import { sluiceFetch } from './sluice-fetch.ts';
import { sluiceAttached, sluiceClient } from './sluice.ts';

export { rawAxios };

/** All contenders. Raw axios comes first, because the others are compared with it. */
export const contenders: readonly Contender[] = [
  rawAxios,
  sluiceClient,
  sluiceAttached,
  sluiceFetch,
  angularSluice,
  recipe,
  axiosAuthRefresh,
  axiosObservable,
  angularRecipe,
  alova,
  oauth2Client,
  ky,
];
