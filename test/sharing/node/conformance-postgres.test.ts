import { describeConformance } from './conformance.ts';

describeConformance('postgres');
