import type { Library } from '../driver.ts';
import { recipe } from '../drivers/recipe.ts';
import { alova } from './alova.ts';
import { axiosAuthRefresh } from './axios-auth-refresh.ts';
import { kyRecipe } from './ky.ts';

/** What Sluice is compared with. */
export const peers: readonly Library[] = [recipe, axiosAuthRefresh, alova, kyRecipe];
