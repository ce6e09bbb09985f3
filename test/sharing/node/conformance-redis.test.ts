import { describeConformance } from './conformance.ts';

describeConformance('redis');
