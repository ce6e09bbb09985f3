import { createRequire } from 'node:module';
import type { AxiosInstance, AxiosResponse } from 'axios';
import type { Observable } from 'rxjs';
import { byObservable, type Contender } from '../contender.ts';
import { behaviorSubjectRecipe } from './behavior-subject.ts';

interface AxiosObservable {
  create(
    config: object,
  ): { get(path: string, config?: object): Observable<AxiosResponse> } & Pick<AxiosInstance, 'defaults'>;
}

// axios-observable is a CommonJS package, but its types describe an ES module, so it is loaded by `require` and given a type here.
const { default: Axios } = createRequire(import.meta.url)('axios-observable') as { default: AxiosObservable };

export const axiosObservable: Contender = {
  name: 'axios-observable with the BehaviorSubject recipe',
  over: 'axios',
  start(target) {
    const { url, memory } = target;
    const instance = Axios.create({ baseURL: url, ...(memory && { adapter: memory.adapter }) });
    const recipe = behaviorSubjectRecipe(
      target,
      (error) => (error as { response?: { status: number } }).response?.status === 401,
    );
    return byObservable((path) =>
      recipe((accessToken) => instance.get(path, { headers: { Authorization: `Bearer ${accessToken}` } })),
    );
  },
};
