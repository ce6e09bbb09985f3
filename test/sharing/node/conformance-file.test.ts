import { describeConformance } from './conformance.ts';

describeConformance('file');
