import { type EnvironmentInjector, runInInjectionContext } from '@angular/core';

/** Returns what `create` makes in the injector's context. */
export function injected<T>(injector: EnvironmentInjector, create: () => T): T {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- abstract classes are Angular's interfaces
  return runInInjectionContext(injector, create);
}
