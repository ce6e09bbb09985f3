export { startAuthServer, type AuthServer, type AuthServerOptions } from '../support/auth-server.ts';
export type {
  Answer,
  AppSetup,
  Ask,
  Capability,
  Driver,
  Hooks,
  Library,
  Listeners,
  RequestSpec,
  SharedStorage,
  SharedStore,
  SharedStores,
  Storage,
  Tokens,
  Why,
} from './driver.ts';
export { recipe } from './drivers/recipe.ts';
export { sluice } from './drivers/index.ts';
export { attempt, notApplicable, perform, type Result, type Scenario, type Section, type World } from './scenario.ts';
export { scenarioFiles, scenarios } from './scenarios/index.ts';
export { sharedCells } from './shared-cells.ts';
export { sharedMemory } from './shared-memory.ts';
