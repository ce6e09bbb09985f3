// What the other folders of this package need of a session, and applications do not.
export { credentialNames, type Gate, gateOf } from './gate.ts';
export { refuseUnknown } from './development.ts';
export { Passage } from './passage.ts';
export { isPromiseLike } from './token-store.ts';
